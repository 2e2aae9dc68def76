package io.postern.bridge;

import io.postern.mail.Mailbox;

/**
 * Where digests come from: {@code xmtp-digest@} the bridge domain. Who answers one has not said
 * whom the answer is for, so it is refused, with words on what to do: then it is lost nowhere, and
 * reaches nobody whom it is not meant for. A mapping that gives the address to somebody changes
 * nothing of that.
 */
final class DigestAddress {
  static final String REFUSAL =
      "reaches nobody: a digest holds messages of several people; answer each by the link below its"
          + " words, or write to the address above them";

  private static final String LOCAL_PART = "xmtp-digest";

  private DigestAddress() {}

  static Mailbox of(String domain) {
    return new Mailbox(LOCAL_PART, domain);
  }

  static boolean is(Mailbox recipient) {
    return recipient.canonical().localPart().equals(LOCAL_PART);
  }
}
