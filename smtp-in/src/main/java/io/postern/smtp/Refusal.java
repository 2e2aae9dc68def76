package io.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.postern.mail.AddressList;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mail, or a recipient of one, that was not taken: what an operator needs to find it again.
 * Neither its content nor its subject.
 *
 * @param at when the client was told
 * @param clientAddress the IP address of the client, without brackets; empty if the mail was
 *     fetched
 * @param helo what the client called itself
 * @param reversePath empty for the null sender
 * @param recipients those that had been accepted, or the one that was not; none where not even the
 *     header could be fetched
 * @param from the mailboxes of From as far as they can be read, with commas between; unchecked, and
 *     empty at RCPT
 * @param mailId the value of Message-ID, empty at RCPT and if it cannot be read
 * @param headerHash tells whether the same mail was fetched again; empty if it was not fetched
 * @param octets of the mail; 0 at RCPT
 * @param reply of class 4 or 5
 */
public record Refusal(
    Instant at,
    String clientAddress,
    String helo,
    Optional<Mailbox> reversePath,
    List<Mailbox> recipients,
    String from,
    String mailId,
    String headerHash,
    long octets,
    SmtpReply reply) {
  private static final Logger log = LoggerFactory.getLogger(Refusal.class);

  /** Mailboxes of one From that are kept. */
  private static final int MAX_AUTHORS = 3;

  public Refusal {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(clientAddress, "clientAddress");
    Objects.requireNonNull(helo, "helo");
    Objects.requireNonNull(reversePath, "reversePath");
    recipients = List.copyOf(recipients);
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(mailId, "mailId");
    Objects.requireNonNull(headerHash, "headerHash");
    Objects.requireNonNull(reply, "reply");
  }

  /**
   * Tells it. Whatever the listener does: the client's answer stays the same.
   *
   * @param listener should be quick; the client waits
   */
  void tell(Consumer<Refusal> listener) {
    try {
      listener.accept(this);
    } catch (RuntimeException bug) {
      log.error("a refusal could not be noted; its client was told all the same", bug);
    }
  }

  /** Who stands in the first From of a header. */
  static String from(List<String> fields) {
    return AddressList.parse(value(fields, "from")).stream()
        .limit(MAX_AUTHORS)
        .map(author -> author.mailbox().toString())
        .collect(Collectors.joining(", "));
  }

  /** The first Message-ID of a header. */
  static String mailId(List<String> fields) {
    return MailId.parse(value(fields, "message-id")).map(MailId::asWritten).orElse("");
  }

  private static String value(List<String> fields, String name) {
    return fields.stream()
        .filter(field -> field.regionMatches(true, 0, name, 0, name.length()))
        .map(field -> field.substring(name.length()).stripLeading())
        .filter(rest -> rest.startsWith(":"))
        .map(rest -> rest.substring(1).strip())
        // RFC 6532: what is beyond ASCII is UTF-8.
        .map(value -> new String(value.getBytes(ISO_8859_1), UTF_8))
        .findFirst()
        .orElse("");
  }
}
