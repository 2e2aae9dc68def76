package io.postern.bridge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files that only their owner may read, written so that a power failure does not take them. */
final class PrivateFile {
  private static final Logger log = LoggerFactory.getLogger(PrivateFile.class);

  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private static final Set<StandardOpenOption> SCRATCH =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);

  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private PrivateFile() {}

  /** Writes a file that does not exist yet; its octets are durable then, its name not yet. */
  static void write(Path file, byte[] octets) throws IOException {
    try (var channel = open(file)) {
      write(channel, ByteBuffer.wrap(octets));
      channel.force(true);
    }
  }

  /** Writes all that remains in a buffer. */
  static void write(FileChannel channel, ByteBuffer octets) throws IOException {
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
  }

  /** A file that does not exist yet, to be written; whoever writes it forces it. */
  static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, NEW, ownerOnly(file, "rw-------"));
  }

  /** The same, to be read as well, and to be removed by whoever writes it. */
  static FileChannel openScratch(Path file) throws IOException {
    return FileChannel.open(file, SCRATCH, ownerOnly(file, "rw-------"));
  }

  /** Writes a file whole, in place of one that may be there: readers see the one or the other. */
  static void replace(Path file, byte[] octets) throws IOException {
    var half = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(half);
    write(half, octets);
    Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    syncFolder(file.toAbsolutePath().getParent());
  }

  /** Whether others than its owner may read or write it, as far as the file system knows. */
  static boolean isShared(Path file) throws IOException {
    var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    return view != null && !OWNERS.containsAll(view.readAttributes().permissions());
  }

  /**
   * Reads a secret that somebody has put into a file, with a warning if its owner shares it.
   *
   * @param max octets; nothing of more is read
   * @throws BridgeException if it is longer
   */
  static byte[] read(Path file, String setting, int max) throws IOException, BridgeException {
    if (isShared(file)) {
      log.warn(
          "{} {}: others than its owner can read or write it; write chmod 600 {}",
          setting,
          file,
          file);
    }
    try (var in = Files.newInputStream(file)) {
      var octets = in.readNBytes(max + 1);
      if (octets.length > max) {
        Arrays.fill(octets, (byte) 0);
        throw new BridgeException(
            setting + " " + file + " is larger than " + max + " octets, too large to be one");
      }
      return octets;
    }
  }

  /** Makes the names of a folder durable, where the system knows such a thing. */
  static void syncFolder(Path folder) throws IOException {
    if (isPosix(folder)) {
      try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }

  /** Makes a folder that only its owner may look into, if it is not there. */
  static void makeFolder(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      Files.createDirectories(folder, ownerOnly(folder, "rwx------"));
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
    return isPosix(path)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
