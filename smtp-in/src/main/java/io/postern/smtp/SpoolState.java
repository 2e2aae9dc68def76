package io.postern.smtp;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * What has happened to a spooled mail since it arrived; in a folder, a small text file beside it.
 *
 * @param attempts how often its delivery has been deferred
 * @param at when the next attempt is due; for a dead mail, when it was given up
 * @param status RFC 3463; empty for a deferred mail
 * @param reason of the last deferral, or of its death
 * @param revivedAt when it was last taken out of the dead-letter box
 */
public record SpoolState(
    int attempts, Instant at, String status, String reason, Optional<Instant> revivedAt) {
  /** A mail that has just arrived: due at once. */
  public static final SpoolState NEW = new SpoolState(0, Instant.EPOCH, "", "", Optional.empty());

  private static final int MAX_OCTETS = 64 * 1024;
  private static final int MAX_REASON = 2_000;
  private static final int MAX_STATUS = 64;

  public SpoolState {
    Objects.requireNonNull(revivedAt, "revivedAt");
  }

  /** Due at once, as if the mail had arrived then. */
  static SpoolState revived(Instant when) {
    return new SpoolState(0, Instant.EPOCH, "", "", Optional.of(when));
  }

  SpoolState deferred(Instant until, String why) {
    return new SpoolState(attempts + 1, until, "", cut(why), revivedAt);
  }

  SpoolState dead(Instant when, String why, String words) {
    return new SpoolState(attempts, when, why, cut(words), revivedAt);
  }

  /** Reads such a file; whatever is wrong with it is a {@link DamagedFileException}. */
  static SpoolState read(Path path) throws IOException {
    if (Files.size(path) > MAX_OCTETS) {
      throw new DamagedFileException(path, "it is too long");
    }
    var text = new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    try {
      var fields = new Properties();
      fields.load(new StringReader(text));
      var status = fields.getProperty("status", "");
      if (status.length() > MAX_STATUS) {
        throw new DamagedFileException(path, "its status is too long");
      }
      return new SpoolState(
          Integer.parseInt(fields.getProperty("attempts", "")),
          Instant.parse(fields.getProperty("at", "")),
          status,
          cut(fields.getProperty("reason", "")),
          Optional.ofNullable(fields.getProperty("revivedAt")).map(Instant::parse));
    } catch (IllegalArgumentException | DateTimeException malformed) {
      throw new DamagedFileException(path, "it does not parse: " + malformed.getMessage());
    }
  }

  byte[] octets() {
    var fields = new Properties();
    fields.setProperty("attempts", Integer.toString(attempts));
    fields.setProperty("at", at.toString());
    fields.setProperty("status", status);
    fields.setProperty("reason", reason);
    revivedAt.ifPresent(when -> fields.setProperty("revivedAt", when.toString()));
    var out = new StringWriter();
    try {
      fields.store(out, null);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String cut(String text) {
    return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON);
  }
}
