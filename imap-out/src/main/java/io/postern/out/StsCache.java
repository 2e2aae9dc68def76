package io.postern.out;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies of MTA-STS as files, one for each domain, so that they outlive a restart: whoever can
 * hide a domain's policy from us must do so for as long as it holds. RFC 8461 §10.2. May be used by
 * several threads.
 *
 * <p>A file begins with the id that the DNS gave the policy and the instant at which it was
 * fetched, a line each; the text of the policy follows. When the file was modified, by its file
 * system, is when somebody mailed the domain last.
 */
final class StsCache {
  private static final Logger LOG = LoggerFactory.getLogger(StsCache.class);
  private static final int MAX_FILE = HttpsStsSource.MAX_OCTETS + 1_024;
  private static final Duration NOTED_EVERY = Duration.ofDays(1);
  private static final String PART = ".part";
  private static final String SUFFIX = ".txt";
  private static final Pattern DOMAIN = Pattern.compile("[a-z0-9_][a-z0-9_.-]{0,250}");

  private final Path folder;

  private StsCache(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder if it is absent, and sweeps what a crash has left half written. */
  static StsCache open(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (var halves = Files.newDirectoryStream(folder, "*" + PART)) {
      for (var half : halves) {
        Files.deleteIfExists(half);
      }
    }
    return new StsCache(folder);
  }

  /**
   * A policy that was fetched.
   *
   * @param id by which the DNS tells of a new one
   */
  record Kept(String id, Instant fetchedAt, StsPolicy policy) {
    boolean holdsAt(Instant now) {
      return now.isBefore(fetchedAt.plus(policy.maxAge()));
    }

    boolean isOlder(Duration age, Instant now) {
      return now.isAfter(fetchedAt.plus(age));
    }
  }

  /** Whether a domain can have a file. */
  static boolean isName(String domain) {
    return DOMAIN.matcher(domain).matches();
  }

  /** What is kept of a domain, whether it still holds or not. A damaged file is as good as none. */
  Optional<Kept> find(String domain) {
    try {
      var file = file(domain);
      if (Files.size(file) > MAX_FILE) {
        return Optional.empty();
      }
      var parts = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n", 3);
      if (parts.length < 3) {
        return Optional.empty();
      }
      var fetchedAt = Instant.parse(parts[1]);
      return StsPolicy.parse(parts[2]).map(policy -> new Kept(parts[0], fetchedAt, policy));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (IOException | DateTimeParseException unreadable) {
      LOG.warn("domain={} its kept MTA-STS policy cannot be read", domain, unreadable);
      return Optional.empty();
    }
  }

  /** When its domain was mailed last. */
  Instant usedAt(String domain) throws IOException {
    return Files.getLastModifiedTime(file(domain)).toInstant();
  }

  /** Notes that its domain is mailed, once a day. */
  void use(String domain, Instant now) throws IOException {
    if (usedAt(domain).isBefore(now.minus(NOTED_EVERY))) {
      Files.setLastModifiedTime(file(domain), FileTime.from(now));
    }
  }

  /**
   * Keeps a policy in the place of the former one; when its domain was mailed last stays as it is.
   *
   * @param id without a line end
   * @param text as it was fetched
   */
  void keep(String domain, String id, Instant fetchedAt, String text) throws IOException {
    var written = Files.createTempFile(folder, "", PART);
    try {
      Files.writeString(written, id + "\n" + fetchedAt + "\n" + text);
      var used = Files.exists(file(domain)) ? usedAt(domain) : fetchedAt;
      Files.setLastModifiedTime(written, FileTime.from(used));
      Files.move(
          written,
          file(domain),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  void forget(String domain) throws IOException {
    Files.deleteIfExists(file(domain));
  }

  /** Of which something is kept, in the order of their names. */
  List<String> domains() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .filter(StsCache::isName)
          .sorted()
          .toList();
    }
  }

  private Path file(String domain) {
    if (!isName(domain)) {
      throw new IllegalArgumentException("a domain that cannot be a file");
    }
    return folder.resolve(domain + SUFFIX);
  }
}
