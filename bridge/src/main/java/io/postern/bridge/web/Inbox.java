package io.postern.bridge.web;

import io.postern.mail.Mailbox;
import java.util.Objects;

/**
 * An XMTP inbox that this instance runs, and whose it is.
 *
 * @param person the mailbox whose inbox it is
 * @param inboxId 64 hexadecimal digits
 * @param address of its wallet, {@code 0x} and 40 hexadecimal digits
 */
public record Inbox(Mailbox person, String inboxId, String address) {
  public Inbox {
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(inboxId, "inboxId");
    Objects.requireNonNull(address, "address");
  }
}
