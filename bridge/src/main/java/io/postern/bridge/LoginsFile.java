package io.postern.bridge;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.smtp.Logins;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of those who may send from their own mail programs: a line for each, {@code
 * bob@example.org:$argon2id$…}, as {@code postern login} prints it. Used by several threads.
 */
final class LoginsFile implements Logins {
  private static final Logger log = LoggerFactory.getLogger(LoginsFile.class);

  private static final int MAX_OCTETS = 1 << 20;
  private static final String FORM =
      "write user@domain:$argon2id$…, as postern login ADDRESS prints it";

  /** Each takes much memory and a whole processor for a moment. */
  private static final int CHECKS_AT_ONCE = 4;

  private static final int PATIENCE_SECONDS = 10;

  private final Path path;
  private final Semaphore turns = new Semaphore(CHECKS_AT_ONCE);
  private volatile Known known;

  /**
   * What the file held.
   *
   * @param version tells that the file was written or replaced
   * @param nobody is asked for a name that is not there
   */
  private record Known(
      List<Object> version, Map<Mailbox, PasswordHash> hashes, PasswordHash nobody) {}

  private LoginsFile(Path path, Known known) {
    this.path = path;
    this.known = known;
  }

  /**
   * @throws BridgeException if the file cannot be used; it names the line and what to write
   */
  static LoginsFile open(Path path) throws BridgeException {
    return new LoginsFile(path, read(path));
  }

  /**
   * Reads the file again if it has changed; if it cannot be used, what was read before stays in
   * use. To be called now and then, by one thread at a time.
   */
  void reloadChanged() throws BridgeException {
    try {
      if (version(path).equals(known.version())) {
        return;
      }
    } catch (IOException unreadable) {
      throw unreadable(path, unreadable);
    }
    known = read(path);
    log.info("logins=reloaded file={} count={}", path, known.hashes().size());
  }

  @Override
  public Optional<Mailbox> check(String name, byte[] password) throws IOException {
    var now = known;
    var login = mailbox(name).filter(now.hashes()::containsKey);
    var hash = login.map(now.hashes()::get).orElse(now.nobody());
    try {
      if (!turns.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("too many logins at once");
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new IOException("shutting down", stopping);
    }
    try {
      boolean matches = hash.matches(password);
      return matches ? login : Optional.empty();
    } finally {
      turns.release();
    }
  }

  private static Optional<Mailbox> mailbox(String name) {
    try {
      return Optional.of(Mailbox.parse(name).canonical());
    } catch (MailException nobodys) {
      return Optional.empty();
    }
  }

  private static Known read(Path path) throws BridgeException {
    String text;
    List<Object> version;
    try {
      version = version(path);
      requirePrivate(path);
      byte[] octets;
      try (var in = Files.newInputStream(path)) {
        octets = in.readNBytes(MAX_OCTETS + 1);
      }
      if (octets.length > MAX_OCTETS) {
        throw new BridgeException(path + ": is larger than 1 MiB; is it the right file?");
      }
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException malformed) {
      throw new BridgeException(path + ": is not UTF-8; " + FORM, malformed);
    } catch (IOException unreadable) {
      throw unreadable(path, unreadable);
    }
    var hashes = hashes(path, text.lines().toList());
    var nobody =
        hashes.values().stream()
            .findFirst()
            .map(PasswordHash::likeOfNobody)
            .orElseGet(PasswordHash::ofNobody);
    return new Known(version, hashes, nobody);
  }

  private static Map<Mailbox, PasswordHash> hashes(Path path, List<String> lines)
      throws BridgeException {
    var hashes = new HashMap<Mailbox, PasswordHash>();
    for (int i = 0; i < lines.size(); i++) {
      var line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      // Nothing of the line is shown: somebody may have written a password there.
      var where = path + ":" + (i + 1) + ": ";
      int colon = line.indexOf(":$");
      var address = colon < 0 ? Optional.<Mailbox>empty() : mailbox(line.substring(0, colon));
      if (address.isEmpty()) {
        throw new BridgeException(where + "begins with no address and hash; " + FORM);
      }
      try {
        if (hashes.put(address.get(), PasswordHash.parse(line.substring(colon + 1))) != null) {
          throw new BridgeException(where + address.get() + " stands there twice; take one out");
        }
      } catch (IllegalArgumentException malformed) {
        throw new BridgeException(where + malformed.getMessage() + "; " + FORM, malformed);
      }
    }
    return hashes;
  }

  private static List<Object> version(Path path) throws IOException {
    var read = Files.readAttributes(path, BasicFileAttributes.class);
    return List.of(path.toRealPath(), read.lastModifiedTime(), read.size());
  }

  private static void requirePrivate(Path path) throws IOException, BridgeException {
    if (PrivateFile.isShared(path)) {
      throw new BridgeException(
          path + ": others than its owner can read or write it; write chmod 600 " + path);
    }
  }

  private static BridgeException unreadable(Path path, IOException why) {
    return new BridgeException(
        path
            + ": the logins cannot be read: "
            + Words.of(why)
            + "; make the file with chmod 600, and lines that postern login ADDRESS prints",
        why);
  }
}
