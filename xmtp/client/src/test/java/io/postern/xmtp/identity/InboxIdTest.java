package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InboxIdTest {
  private static final JsonNode FILE = Vectors.read("identity-inbox-id.json");

  static Stream<JsonNode> derivations() {
    return Vectors.each(FILE.get("vectors"));
  }

  static Stream<JsonNode> rejected() {
    return Vectors.each(FILE.get("rejected"));
  }

  @ParameterizedTest
  @MethodSource("derivations")
  void isWhatTheOfficialClientDerives(JsonNode vector) throws Exception {
    var identifier = identifier(vector);
    long nonce = Long.parseUnsignedLong(vector.get("nonce").asText());

    var derived = InboxId.derive(identifier, nonce);

    assertThat(identifier.text()).isEqualTo(vector.get("normalized").asText());
    assertThat(derived.value()).isEqualTo(vector.get("inbox_id").asText());
  }

  @ParameterizedTest
  @MethodSource("rejected")
  void isNotDerivedFromWhatIsNoIdentifier(JsonNode vector) {
    assertThatThrownBy(() -> InboxId.derive(identifier(vector), 0))
        .isInstanceOf(IdentityException.class);
  }

  @Test
  void isDerivedFromAnAddressAsItIsWritten() throws Exception {
    var lower = new Identifier.Ethereum("0xabcdefabcdefabcdefabcdefabcdefabcdefabcd");
    var upper = new Identifier.Ethereum("0xABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD");

    assertThat(InboxId.derive(upper, 0)).isNotEqualTo(InboxId.derive(lower, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1234567890abcdef1234567890abcdef12345678",
        "0X1234567890abcdef1234567890abcdef12345678",
        "0x1234567890abcdef1234567890abcdef1234567",
        "0x1234567890abcdef1234567890abcdef1234567٣",
        "vitalik.eth",
        ""
      })
  void saysWhatAnAddressLooksLike(String address) {
    var refused =
        catchThrowableOfType(
            IdentityException.class, () -> InboxId.derive(new Identifier.Ethereum(address), 0));

    assertThat(refused.error()).isEqualTo(IdentityError.INVALID_ACCOUNT_ADDRESS);
    assertThat(refused)
        .hasMessage("Invalid account address: Must be 42 hex characters, starting with '0x'.");
  }

  @Test
  void readsBackWhatItPrints() throws Exception {
    var id = InboxId.derive(Vectors.wallet(1).identifier(), 0);

    assertThat(InboxId.parse(id.toString())).isEqualTo(id);
    assertThat(InboxId.of(id.octets())).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0d05a8c5aa4a47150dd325ec99a0e8d0bcd74c98f6b852d944840390159f76b",
        "0d05a8c5aa4a47150dd325ec99a0e8d0bcd74c98f6b852d944840390159f76b20",
        "0D05A8C5AA4A47150DD325EC99A0E8D0BCD74C98F6B852D944840390159F76B2",
        "0x05a8c5aa4a47150dd325ec99a0e8d0bcd74c98f6b852d944840390159f76b2"
      })
  void refusesWhatNodesDoNotFind(String text) {
    assertThatThrownBy(() -> InboxId.parse(text)).isInstanceOf(IdentityException.class);
  }

  private static Identifier identifier(JsonNode vector) throws IdentityException {
    var input = vector.get("input").asText();
    return vector.get("kind").asText().equals("ethereum")
        ? EthereumAddress.parse(input).identifier()
        : Passkey.parse(input, Optional.empty());
  }
}
