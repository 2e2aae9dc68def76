package io.postern.mapping;

import io.postern.mail.MailException;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.Lease;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;

/** How values stand in the columns of this module, and come back from them. */
final class Columns {
  private Columns() {}

  /** Microseconds, cut: both databases would round, and so could make a time later than it was. */
  static OffsetDateTime column(Instant at) {
    return at.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /** The day of UTC, counted from 1970-01-01. */
  static long day(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), 86_400L);
  }

  static Optional<Instant> optionalInstant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  /** Mailboxes are compared without case (design.md §2), so they stand canonical. */
  static String column(Mailbox mailbox) {
    return mailbox.canonical().toString();
  }

  /**
   * A condition for rows of people whose inbox the lease has.
   *
   * @param person the column of their mailbox
   */
  static String has(Lease lease, String person) {
    return lease.has(
        "(select owner.wallet_index from wallet_claim owner where owner.mailbox = " + person + ")");
  }

  static Mailbox mailbox(ResultSet row, String column) throws SQLException {
    try {
      return Mailbox.parse(row.getString(column));
    } catch (MailException unreadable) {
      throw new IllegalStateException("column " + column + " holds no mailbox", unreadable);
    }
  }

  static InboxId inbox(ResultSet row, String column) throws SQLException {
    return new InboxId(row.getString(column));
  }

  static InstallationId installation(ResultSet row, String column) throws SQLException {
    return InstallationId.of(HexFormat.of().parseHex(row.getString(column)));
  }

  /** What finds a mail id again, whatever its case and however long it is. */
  static String key(MailId id) {
    return digest(id.value());
  }

  static MailId mailId(ResultSet row, String column) throws SQLException {
    return new MailId(row.getString(column));
  }

  /** SHA-256 of the text's UTF-8 in lower-case hex. */
  static String digest(String text) {
    return digest(text.getBytes(StandardCharsets.UTF_8));
  }

  /** SHA-256 in lower-case hex. */
  static String digest(byte[] octets) {
    return HexFormat.of().formatHex(sha256().digest(octets));
  }

  /** The same of a stream, read to its end. */
  static String digest(InputStream octets) throws IOException {
    var digest = sha256();
    octets.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
  }
}
