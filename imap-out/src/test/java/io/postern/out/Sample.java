package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** What the tests send, and how they read the outcome. */
final class Sample {
  /** A dot at the start of a line, twice, so that stuffing shows. */
  static final String MAIL =
      "From: <alice@bridge.example>\r\n"
          + "To: <bob@example.org>\r\n"
          + "Date: Wed, 25 Nov 2026 10:00:00 +0000\r\n"
          + "Message-ID: <x-1@bridge.example>\r\n"
          + "\r\n"
          + "Hello\r\n"
          + ".\r\n"
          + "..and on\r\n";

  static final byte[] OCTETS = MAIL.getBytes(StandardCharsets.UTF_8);

  /** {@link #OCTETS} as they travel, with the final dot. */
  static final byte[] STUFFED =
      (MAIL.replace("\r\n.", "\r\n..") + ".\r\n").getBytes(StandardCharsets.UTF_8);

  private Sample() {}

  static Mailbox mailbox(String text) {
    try {
      return Mailbox.parse(text);
    } catch (MailException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }

  static Envelope envelope() {
    return envelope("alice@bridge.example", "bob@example.org");
  }

  static Envelope envelope(String from, String... to) {
    return Envelope.of(mailbox(from), List.of(to).stream().map(Sample::mailbox).toList());
  }

  /** Class and status: {@code Refused 5.1.1}. */
  static String brief(Delivery delivery) {
    if (delivery instanceof Delivery.Deferred deferred) {
      return "Deferred " + deferred.status();
    }
    return delivery instanceof Delivery.Refused refused
        ? "Refused " + refused.status()
        : "Delivered";
  }

  /** What it tells people. */
  static String words(Delivery delivery) {
    if (delivery instanceof Delivery.Deferred deferred) {
      return deferred.reason();
    }
    return delivery instanceof Delivery.Refused refused
        ? refused.advice()
        : ((Delivery.Delivered) delivery).reference();
  }

  static SmtpTimeouts patient() {
    var tenSeconds = Duration.ofSeconds(10);
    return new SmtpTimeouts(tenSeconds, tenSeconds, tenSeconds, tenSeconds, tenSeconds, tenSeconds);
  }

  /** For servers that fall silent. */
  static SmtpTimeouts impatient() {
    var moment = Duration.ofSeconds(1);
    return new SmtpTimeouts(moment, moment, moment, moment, moment, Duration.ofSeconds(10));
  }

  /** For servers that use up each step's time. */
  static SmtpTimeouts impatientAltogether() {
    var tenSeconds = Duration.ofSeconds(10);
    return new SmtpTimeouts(
        tenSeconds, tenSeconds, tenSeconds, tenSeconds, tenSeconds, Duration.ofSeconds(2));
  }

  static SmtpClient client(SmtpTimeouts timeouts) {
    return new SmtpClient("bridge.example", timeouts, TestTls.client());
  }
}
