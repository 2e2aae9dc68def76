package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.crypto.Secret;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HdKeyTest {
  private static final String BASE_58 =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  /** From the vectors 1, 3 and 4 of BIP-32. The last two have keys that begin with zeros. */
  @ParameterizedTest
  @CsvSource({
    "000102030405060708090a0b0c0d0e0f, m, xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    "000102030405060708090a0b0c0d0e0f, m/0', xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7",
    "000102030405060708090a0b0c0d0e0f, m/0'/1, xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs",
    "000102030405060708090a0b0c0d0e0f, m/0'/1/2', xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANTtpgP4mLTj34bhnZX7UiM",
    "000102030405060708090a0b0c0d0e0f, m/0'/1/2'/2, xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3wDvUAKRHSC34sJ7in334",
    "000102030405060708090a0b0c0d0e0f, m/0'/1/2'/2/1000000000, xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76",
    "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be, m, xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6",
    "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be, m/0', xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L",
    "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678, m, xprv9s21ZrQH143K48vGoLGRPxgo2JNkJ3J3fqkirQC2zVdk5Dgd5w14S7fRDyHH4dWNHUgkvsvNDCkvAwcSHNAQwhwgNMgZhLtQC63zxwhQmRv",
    "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678, m/0', xprv9vB7xEWwNp9kh1wQRfCCQMnZUEG21LpbR9NPCNN1dwhiZkjjeGRnaALmPXCX7SgjFTiCTT6bXes17boXtjq3xLpcDjzEuGLQBM5ohqkao9G",
    "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678, m/0'/1', xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWkuVoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1"
  })
  void derivesTheKeysOfBip32(String seed, String path, String extended) throws Exception {
    var key = HdKey.derive(Secret.take(Vectors.octets(seed)), numbers(path));

    var octets = base58Check(extended);
    assertThat(key.chainCode()).isEqualTo(Arrays.copyOfRange(octets, 13, 45));
    assertThat(Secp256k1.octets(key.key())).isEqualTo(Arrays.copyOfRange(octets, 46, 78));
  }

  @Test
  void makesAnotherWalletForEachNumber() {
    var seed = Seed.of(Vectors.repeated(1));

    var addresses = IntStream.range(0, 20).mapToObj(n -> seed.walletKey(n).address()).toList();

    assertThat(addresses).doesNotHaveDuplicates();
    assertThat(seed.walletKey(7).address()).isEqualTo(addresses.get(7));
    assertThatThrownBy(() -> seed.walletKey(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wantsASeedOfSixteenOctetsAtLeast() {
    assertThatThrownBy(() -> Seed.of(Secret.zero(15))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Seed.of(Secret.zero(65))).isInstanceOf(IllegalArgumentException.class);
  }

  private static int[] numbers(String path) {
    return Stream.of(path.split("/"))
        .skip(1)
        .mapToInt(
            step ->
                step.endsWith("'")
                    ? HdKey.HARDENED + Integer.parseInt(step.substring(0, step.length() - 1))
                    : Integer.parseInt(step))
        .toArray();
  }

  private static byte[] base58Check(String text) throws Exception {
    var value = BigInteger.ZERO;
    for (char c : text.toCharArray()) {
      value = value.multiply(BigInteger.valueOf(58)).add(BigInteger.valueOf(BASE_58.indexOf(c)));
    }
    var octets = value.toByteArray();
    var payload = Arrays.copyOf(octets, octets.length - 4);
    var sha256 = MessageDigest.getInstance("SHA-256");
    var checksum = Arrays.copyOf(sha256.digest(sha256.digest(payload)), 4);
    assertThat(checksum).isEqualTo(Arrays.copyOfRange(octets, octets.length - 4, octets.length));
    assertThat(payload).hasSize(78);
    return payload;
  }
}
