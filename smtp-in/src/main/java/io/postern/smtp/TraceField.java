package io.postern.smtp;

import io.postern.mail.Mailbox;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The trace fields that this server puts on top of a mail. RFC 5321 §4.4. It removes none. */
final class TraceField {
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private TraceField() {}

  /**
   * {@code Received:}, folded, with its last CR LF. Whoever gets the mail learns from it the client
   * that is a server, but not where somebody is who has logged in, nor what their machine is
   * called: RFC 5321 §7.6. The log has the address.
   */
  static byte[] received(
      SmtpClient client,
      String hostname,
      SpoolId id,
      List<Mailbox> recipients,
      boolean smtpUtf8,
      Instant at) {
    var text = new StringBuilder();
    text.append("Received: from ").append(from(client)).append("\r\n");
    text.append("\tby ").append(hostname).append(" with ").append(protocol(client, smtpUtf8));
    client.tls().ifPresent(tls -> text.append(" (").append(tls).append(")"));
    text.append("\r\n\tid ").append(id);
    // One recipient only: others may be blind copies, RFC 5321 §7.2.
    if (recipients.size() == 1) {
      text.append("\r\n\tfor <").append(recipients.get(0)).append(">");
    }
    text.append("; ").append(DATE_TIME.format(at)).append("\r\n");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String from(SmtpClient client) {
    return client.login().isPresent()
        ? "login (authenticated)"
        : client.helo() + " (" + client.literal() + ")";
  }

  /** {@code Return-Path:}, as the server that makes the final delivery adds it. */
  static byte[] returnPath(Optional<Mailbox> reversePath) {
    var path = reversePath.map(Mailbox::toString).orElse("");
    return ("Return-Path: <" + path + ">\r\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The keyword after {@code with}: RFC 3848, RFC 6531 §4.3. Who has logged in did so over TLS. */
  private static String protocol(SmtpClient client, boolean smtpUtf8) {
    boolean tls = client.tls().isPresent();
    if (!client.extended() && !tls) {
      return "SMTP";
    }
    return (smtpUtf8 ? "UTF8SMTP" : "ESMTP")
        + (tls ? "S" : "")
        + (client.login().isPresent() ? "A" : "");
  }
}
