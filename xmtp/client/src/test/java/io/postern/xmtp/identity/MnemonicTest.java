package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.crypto.Secret;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MnemonicTest {
  private static final String ABANDON = "abandon ".repeat(11) + "about";

  @Test
  void takesItsWordsFromTheListOfBip39() throws Exception {
    try (var in = Mnemonic.class.getResourceAsStream("bip39-english.txt")) {
      var hash = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());

      assertThat(Vectors.hex(hash))
          .isEqualTo("2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
    }
    var words = IntStream.range(0, WordList.SIZE).mapToObj(WordList::word).toList();
    assertThat(words).hasSize(2048).isSorted().doesNotHaveDuplicates();
  }

  /** From the vectors of BIP-39, whose passphrase is TREZOR. */
  @ParameterizedTest
  @CsvSource({
    "00000000000000000000000000000000, abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about, c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
    "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f, legal winner thank year wave sausage worth useful legal winner thank yellow, 2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6fa457fe1296106559a3c80937a1c1069be3a3a5bd381ee6260e8d9739fce1f607",
    "80808080808080808080808080808080, letter advice cage absurd amount doctor acoustic avoid letter advice cage above, d71de856f81a8acc65e6fc851a38d4d7ec216fd0796d0a6827a3ad6ed5511a30fa280f12eb2e47ed2ac03b5c462a0358d18d69fe4f985ec81778c1b370b652a8",
    "ffffffffffffffffffffffffffffffff, zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong, ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327651a14c34e18231052e48c069",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff, zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote, dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e1613912f0a5b694407be899ffd31ed3992c456cdf60f5d4564b8ba3f05a69890ad"
  })
  void makesTheSeedsOfBip39(String entropy, String words, String seed) throws Exception {
    var mnemonic = Mnemonic.of(Secret.take(Vectors.octets(entropy)));

    assertThat(String.join(" ", mnemonic.words())).isEqualTo(words);
    assertThat(Vectors.hex(mnemonic.seed("TREZOR").secret().toOctets())).isEqualTo(seed);
    assertThat(Vectors.hex(Mnemonic.parse(words).seed("TREZOR").secret().toOctets()))
        .isEqualTo(seed);
  }

  @Test
  void makesTheWalletThatOtherProgramsShow() throws Exception {
    var key = Mnemonic.parse(ABANDON).seed().walletKey(0);

    assertThat(key.address().checksummed()).isEqualTo("0x9858EfFD232B4033E47d90003D41EC34EcaEda94");
  }

  @Test
  void isReadAsPeopleTypeIt() throws Exception {
    var typed = "\n  " + ABANDON.toUpperCase(java.util.Locale.ROOT).replace(" ", " \t ") + "  ";

    assertThat(Mnemonic.parse(typed).words()).containsExactly(ABANDON.split(" "));
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 20, 24, 28, 32})
  void readsBackWhatItShows(int entropyLength) throws Exception {
    var random = new SplittableRandom(entropyLength);
    for (int i = 0; i < 50; i++) {
      var entropy = new byte[entropyLength];
      random.nextBytes(entropy);

      var words = Mnemonic.of(Secret.of(entropy)).words();

      assertThat(words).hasSize(entropyLength * 3 / 4);
      assertThat(Mnemonic.parse(String.join(" ", words)).words()).isEqualTo(words);
    }
  }

  @Test
  void hasTwentyFourWordsWhenNew() {
    var random = new SecureRandom();

    assertThat(Mnemonic.generate(random).words()).hasSize(24);
    assertThat(Mnemonic.generate(random).words()).isNotEqualTo(Mnemonic.generate(random).words());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 9, 11, 13, 14, 23, 25, 27, 48})
  void refusesAnotherNumberOfWords(int count) {
    var words = String.join(" ", Collections.nCopies(count, "abandon"));

    assertThatThrownBy(() -> Mnemonic.parse(words))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining("24 words");
  }

  @Test
  void tellsWhichWordIsMistakenWithoutSayingIt() {
    var mistaken = "abandon ".repeat(10) + "abandom about";

    assertThatThrownBy(() -> Mnemonic.parse(mistaken))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining("word 11")
        .hasMessageNotContaining("abandom");
  }

  @Test
  void tellsByItsChecksumThatAWordIsMistaken() {
    assertThatThrownBy(() -> Mnemonic.parse("abandon ".repeat(12)))
        .isInstanceOf(IdentityException.class)
        .hasMessageContaining("checksum");
  }

  @Test
  void neverPrintsItsWords() throws Exception {
    assertThat(Mnemonic.parse(ABANDON).toString()).isEqualTo("Mnemonic(Secret(16 octets))");
    assertThat(Mnemonic.parse(ABANDON).seed().toString()).isEqualTo("Seed(Secret(64 octets))");
  }

  @Test
  void hasNoWordsOnceErased() throws Exception {
    var mnemonic = Mnemonic.parse(ABANDON);
    var seed = mnemonic.seed();

    mnemonic.erase();
    seed.erase();

    assertThatThrownBy(mnemonic::words).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> seed.walletKey(0)).isInstanceOf(IllegalStateException.class);
  }
}
