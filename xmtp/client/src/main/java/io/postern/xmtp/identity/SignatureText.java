package io.postern.xmtp.identity;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The one text that everybody signs who signs an identity update. Lines end in LF, the last one
 * ends in nothing. XIP-46.
 *
 * @param value the text
 */
public record SignatureText(String value) {
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /**
   * @param inboxId as the update writes it
   * @param clientTimestampNs nanoseconds since 1970; shown as whole seconds, never rounded up
   * @param actions all actions of the update, in its order
   */
  static SignatureText of(
      String inboxId, long clientTimestampNs, List<? extends IdentityAction<?>> actions) {
    var time = Instant.ofEpochSecond(Math.floorDiv(clientTimestampNs, NANOS_PER_SECOND));
    var lines = actions.stream().map(IdentityAction::text).collect(Collectors.joining("\n"));
    return new SignatureText(
        "XMTP : Authenticate to inbox\n\n"
            + ("Inbox ID: " + inboxId + "\n")
            + ("Current time: " + time + "\n\n")
            + (lines + "\n\n")
            + "For more info: https://xmtp.org/signatures");
  }

  /** The text in UTF-8. */
  public byte[] octets() {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** The 32 octets that a wallet signs for this text. ERC-191, version 0x45. */
  public byte[] personalDigest() {
    return personalDigest(octets());
  }

  /** The 32 octets that a wallet signs for a message. ERC-191, version 0x45. */
  static byte[] personalDigest(byte[] message) {
    var prefix = "\u0019Ethereum Signed Message:\n" + message.length;
    return Keccak256.hash(prefix.getBytes(StandardCharsets.US_ASCII), message);
  }

  @Override
  public String toString() {
    return value;
  }
}
