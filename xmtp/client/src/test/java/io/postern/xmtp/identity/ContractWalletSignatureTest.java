package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContractWalletSignatureTest {
  private static final SignatureText TEXT = new SignatureText("text");
  private static final ByteString OCTETS = ByteString.copyFromUtf8("whatever the contract wants");
  private static final String WALLET = "0xA1A1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

  @Test
  void asksTheContractAtTheBlockThatIsWritten() throws Exception {
    var asked = new ArrayList<ContractWalletVerifier.Question>();
    var signature =
        new ContractWalletSignature(AccountId.parse("eip155:8453:" + WALLET), 0, OCTETS);

    var verified =
        signature.verify(
            TEXT,
            question -> {
              asked.add(question);
              return answer(true, OptionalLong.empty());
            });

    assertThat(asked)
        .containsExactly(
            new ContractWalletVerifier.Question(
                signature.account(),
                OptionalLong.of(0),
                ByteString.copyFrom(TEXT.personalDigest()),
                OCTETS));
    assertThat(verified)
        .isEqualTo(
            new VerifiedSignature(
                EthereumAddress.parse(WALLET).identifier(),
                SignatureKind.ERC_1271,
                OCTETS,
                OptionalLong.of(8453)));
  }

  @Test
  void isRefusedIfTheContractRefusesIt() {
    var refused =
        catchThrowableOfType(
            IdentityException.class,
            () ->
                signature("eip155:1:" + WALLET)
                    .verify(TEXT, question -> answer(false, OptionalLong.empty())));

    assertThat(refused.error()).isEqualTo(IdentityError.SIGNATURE);
    assertThat(refused).hasMessage("Signature validation failed");
  }

  @Test
  void isLeftOpenIfTheContractCannotBeAsked() {
    assertThatThrownBy(
            () -> signature("eip155:1:" + WALLET).verify(TEXT, ContractWalletVerifier.NONE))
        .isInstanceOf(ContractWalletUnavailableException.class)
        .hasMessageContaining("eip155:1:" + WALLET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cosmos:1:" + WALLET,
        "eip155:one:" + WALLET,
        "eip155:-1:" + WALLET,
        "eip155:18446744073709551616:" + WALLET,
        "eip155:1:0xA1",
        "eip155:1:vitalik.eth"
      })
  void asksNoChainInVain(String account) {
    assertThatThrownBy(() -> signature(account).verify(TEXT, ContractWalletVerifier.NONE))
        .isInstanceOf(IdentityException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1",
    "eip155:1, 2",
    "eip155:1:0xa1:1, 4",
  })
  void hasAnAccountOfThreeParts(String account, int parts) {
    assertThatThrownBy(() -> AccountId.parse(account))
        .isInstanceOf(IdentityException.class)
        .hasMessage("type account_id has invalid length. expected 3 got " + parts);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eip155::0xa1",
        "ab:1:0xa1",
        "EIP155:1:0xa1",
        "eip155:1:",
        "eip155:1:0xa1\n",
        "eip155:1\n:0xa1",
        "eip155:1:a/b",
        "abcdefghi:1:0xa1",
        "eip155:123456789012345678901234567890123:0xa1"
      })
  void hasAnAccountOfTheFormOfCaip10(String account) {
    assertThatThrownBy(() -> AccountId.parse(account))
        .isInstanceOf(IdentityException.class)
        .extracting(e -> ((IdentityException) e).error())
        .isEqualTo(IdentityError.CONVERSION);
  }

  @Test
  void keepsTheAccountAsItIsWritten() throws Exception {
    var text = "cosmos:cosmoshub-3:cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0";

    assertThat(AccountId.parse(text)).hasToString(text);
    assertThat(AccountId.of(8453, EthereumAddress.parse(WALLET)))
        .hasToString("eip155:8453:0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1");
  }

  @Test
  void readsAChainNumberOfSixtyFourBits() throws Exception {
    assertThat(AccountId.parse("eip155:18446744073709551615:0xa1").chainId()).isEqualTo(-1);
    assertThat(AccountId.parse("eip155:007:0xa1").chainId()).isEqualTo(7);
  }

  private static ContractWalletSignature signature(String account) throws IdentityException {
    return new ContractWalletSignature(AccountId.parse(account), 1, OCTETS);
  }

  private static ContractWalletVerifier.Answer answer(boolean valid, OptionalLong block) {
    return new ContractWalletVerifier.Answer(valid, block, Optional.empty());
  }
}
