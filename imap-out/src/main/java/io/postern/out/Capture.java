package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps mail instead of sending it: one {@code .eml} file each, whole or not at all, whenever the
 * process is killed. The same mail (Message-ID) to the same recipients is kept once, as of its last
 * capture. May be used by several threads.
 */
public final class Capture implements MailSender {
  private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
  private static final String SUFFIX = ".eml";
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  private final Path folder;
  private final InstantSource clock;
  private final List<Consumer<Captured>> listeners = new CopyOnWriteArrayList<>();

  private Capture(Path folder, InstantSource clock) {
    this.folder = folder;
    this.clock = clock;
  }

  /** Opens the folder, makes it if it is absent, and clears it of halves. */
  public static Capture open(Deliver.Capture settings) throws IOException {
    return open(settings, InstantSource.system());
  }

  static Capture open(Deliver.Capture settings, InstantSource clock) throws IOException {
    Files.createDirectories(settings.folder());
    try (var halves = Files.newDirectoryStream(settings.folder(), "*.tmp")) {
      for (var half : halves) {
        Files.delete(half);
      }
    }
    return new Capture(settings.folder(), clock);
  }

  /**
   * {@inheritDoc}
   *
   * @return {@code Delivered} with the id of the captured mail; {@code Deferred} with 4.3.1 if the
   *     folder takes no file
   */
  @Override
  public Delivery send(Envelope envelope, byte[] octets) {
    Captured captured;
    try {
      captured = keep(envelope, OutgoingMail.of(octets));
    } catch (UndeliveredException stop) {
      return stop.outcome();
    } catch (IOException full) {
      return new Delivery.Deferred("4.3.1", "cannot write the captured mail: " + full.getMessage());
    }
    for (var listener : listeners) {
      tell(listener, captured);
    }
    return new Delivery.Delivered(captured.id());
  }

  private Captured keep(Envelope envelope, OutgoingMail mail) throws IOException {
    var at = clock.instant();
    var id = id(envelope, mail);
    var half = Files.createTempFile(folder, id, ".tmp");
    try {
      var file = new CaptureFile(at, envelope, mail.octets()).write();
      try (var channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
        var rest = ByteBuffer.wrap(file);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.setLastModifiedTime(half, FileTime.from(at));
      Files.move(half, path(id), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(half);
    }
    // The name is durable only when the folder is.
    try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
    return new Captured(id, at, envelope, mail.size());
  }

  /** Of Message-ID and recipients: a mail to each of two people is two mails. */
  private static String id(Envelope envelope, OutgoingMail mail) {
    var digest = sha256();
    mail.id()
        .ifPresentOrElse(
            id -> digest.update(id.value().getBytes(StandardCharsets.UTF_8)),
            () -> digest.update(mail.octets()));
    for (var mailbox : envelope.forwardPaths()) {
      digest.update((byte) '\n');
      digest.update(mailbox.canonical().toString().getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("this Java runtime has no SHA-256", missing);
    }
  }

  private Path path(String id) {
    return folder.resolve(id + SUFFIX);
  }

  private static void tell(Consumer<Captured> listener, Captured captured) {
    try {
      listener.accept(captured);
    } catch (RuntimeException bug) {
      // The mail is kept; a listener cannot undo that.
      LOG.error("captured={} a listener failed", captured.id(), bug);
    }
  }

  /**
   * Calls the listener after each capture, on the thread that captured.
   *
   * @return ends it
   */
  public Runnable listen(Consumer<Captured> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** The last captured mails, the newest first; at most {@code limit}. */
  public List<Captured> list(int limit) throws IOException {
    record Dated(String id, FileTime modified) {}
    var files = new ArrayList<Dated>();
    try (DirectoryStream<Path> mails = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (var mail : mails) {
        var name = mail.getFileName().toString();
        files.add(
            new Dated(
                name.substring(0, name.length() - SUFFIX.length()),
                Files.getLastModifiedTime(mail)));
      }
    }
    files.sort(Comparator.comparing(Dated::modified).reversed().thenComparing(Dated::id));
    var captured = new ArrayList<Captured>();
    for (var file : files) {
      if (captured.size() == limit) {
        break;
      }
      find(file.id()).ifPresent(captured::add);
    }
    return List.copyOf(captured);
  }

  /**
   * What is known about a captured mail without reading it.
   *
   * @return empty if there is none of that id, whatever the id looks like
   */
  public Optional<Captured> find(String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    try (var file = Files.newInputStream(path(id))) {
      var start = CaptureFile.read(file.readNBytes(CaptureFile.MAX_BLOCK));
      long size = Files.size(path(id)) - start.block().length;
      return Optional.of(new Captured(id, start.at(), start.envelope(), size));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (MailException foreign) {
      throw new IOException(path(id) + " is not a captured mail: " + foreign.advice(), foreign);
    }
  }

  /**
   * The octets that were captured, without the envelope in front of them.
   *
   * @return empty if there is none of that id, whatever the id looks like
   */
  public Optional<byte[]> read(String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(CaptureFile.read(Files.readAllBytes(path(id))).octets());
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (MailException foreign) {
      throw new IOException(path(id) + " is not a captured mail: " + foreign.advice(), foreign);
    }
  }
}
