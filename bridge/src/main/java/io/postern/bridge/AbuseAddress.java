package io.postern.bridge;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Destination;

/**
 * Where mailbox providers send complaints about mails of ours (RFC 2142 §4, RFC 5965): {@code
 * abuse@} each bridge domain, unless a mapping gives that address to somebody.
 */
final class AbuseAddress {
  private static final String LOCAL_PART = "abuse";

  private final AddressRules rules;

  AbuseAddress(AddressRules rules) {
    this.rules = rules;
  }

  boolean is(Mailbox recipient) {
    return recipient.canonical().localPart().equals(LOCAL_PART)
        && rules.resolve(recipient) instanceof Destination.Unknown;
  }

  /** Whether a mail comes to it and to nobody else. */
  boolean isAllOf(Envelope envelope) {
    return envelope.forwardPaths().stream().allMatch(this::is);
  }
}
