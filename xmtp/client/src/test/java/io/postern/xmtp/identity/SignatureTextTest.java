package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SignatureTextTest {
  private static final JsonNode FILE = Vectors.read("identity-signature-text.json");

  static Stream<JsonNode> texts() {
    return Vectors.each(FILE.get("vectors"));
  }

  static Stream<JsonNode> times() {
    return Vectors.each(FILE.get("timestamp_vectors").get("vectors"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void isWhatTheOfficialClientShows(JsonNode vector) throws Exception {
    var actions = new ArrayList<IdentityAction<String>>();
    for (var action : vector.get("actions")) {
      actions.add(action(action));
    }
    long timestamp = Long.parseUnsignedLong(vector.get("client_timestamp_ns").asText());

    var text = SignatureText.of(vector.get("inbox_id").asText(), timestamp, actions);

    assertThat(text.value()).isEqualTo(vector.get("text").asText());
  }

  @ParameterizedTest
  @MethodSource("times")
  void showsWholeSecondsOfASignedTime(JsonNode vector) {
    long timestamp = Long.parseUnsignedLong(vector.get("client_timestamp_ns").asText());

    var text = SignatureText.of("", timestamp, List.<IdentityAction<String>>of());

    assertThat(text.value().lines()).contains(vector.get("line").asText());
  }

  /** ERC-191 counts octets, not characters. */
  @Test
  void isHashedWithItsLengthInOctets() {
    var text = new SignatureText("é");

    assertThat(text.personalDigest())
        .isEqualTo(
            Keccak256.hash(
                new byte[] {0x19},
                "Ethereum Signed Message:\n2".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                new byte[] {(byte) 0xc3, (byte) 0xa9}));
  }

  private static IdentityAction<String> action(JsonNode action) throws IdentityException {
    var name = action.fieldNames().next();
    var what = action.get(name);
    return switch (name) {
      case "create_inbox" ->
          new IdentityAction.CreateInbox<>(
              identifier(what), Long.parseUnsignedLong(what.get("nonce").asText()), "");
      case "add" -> new IdentityAction.AddAssociation<>(member(what), "", "");
      case "revoke" -> new IdentityAction.RevokeAssociation<>(member(what), "");
      case "change_recovery" -> new IdentityAction.ChangeRecovery<>(identifier(what), "");
      default -> throw new AssertionError(name);
    };
  }

  private static Identifier identifier(JsonNode what) throws IdentityException {
    var text = what.get("identifier").asText();
    return what.get("kind").asText().equals("passkey")
        ? Passkey.parse(text, Optional.empty())
        : new Identifier.Ethereum(text);
  }

  private static MemberIdentifier member(JsonNode what) throws IdentityException {
    var kind = what.fieldNames().next();
    var text = what.get(kind).asText();
    return switch (kind) {
      case "ethereum" -> new Identifier.Ethereum(text);
      case "passkey" -> Passkey.parse(text, Optional.empty());
      case "installation" ->
          new MemberIdentifier.Installation(ByteString.copyFrom(Vectors.octets(text)));
      default -> throw new AssertionError(kind);
    };
  }
}
