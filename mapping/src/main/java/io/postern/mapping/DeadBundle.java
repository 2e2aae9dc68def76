package io.postern.mapping;

import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.time.Instant;

/**
 * What can be said of a mail in the dead-letter box without reading it.
 *
 * @param id ours, of this database
 * @param at when it was given up
 * @param closedAt when it was written, or last tried anew
 * @param installation ours, that received the messages
 * @param sender the peer who wrote them
 * @param octets of the mail
 * @param attempts how often it was tried since then
 * @param status why it was given up, RFC 3463
 * @param reason what was said at the last try
 */
public record DeadBundle(
    long id,
    Instant at,
    Instant closedAt,
    InstallationId installation,
    InboxId sender,
    Mailbox recipient,
    MailId mailId,
    long octets,
    int attempts,
    String status,
    String reason) {}
