package io.postern.bridge;

import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.MailStructure;
import io.postern.mapping.IdempotencyKey;
import io.postern.smtp.SpooledMail;
import io.postern.xmtp.content.ContentCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/**
 * Reads mails of the spool for those who carry them. What is held of them shares a third of the
 * memory: all of a small mail; of a larger one what becomes messages, and not the files that are
 * too large for one: those lie decoded on the disk while it is carried. May be used by several
 * threads.
 */
final class Arrivals {
  /** Larger mails are taken apart as a stream. */
  static final int SMALL = 256 << 10;

  /**
   * Mails that are taken apart at once: beside their shares, because only then it is known how
   * large those are. Whoever has a share waits for none of these places.
   */
  private static final int AT_ONCE = 4;

  private final Path folder;
  private final Room room;
  private final MemoryShares memory;
  private final Semaphore places = new Semaphore(AT_ONCE, true);

  private Arrivals(Path folder, Room room, MemoryShares memory) {
    this.folder = folder;
    this.room = room;
    this.memory = memory;
  }

  /** Whether the disk has room for so many octets, and for what its other users need. */
  interface Room {
    boolean isFor(long octets) throws IOException;
  }

  /**
   * @param folder for what is decoded; nobody else's, and emptied now of what a crash has left
   * @param room of its disk
   */
  static Arrivals open(Path folder, Room room) throws IOException {
    PrivateFile.makeFolder(folder);
    try (var left = Files.newDirectoryStream(folder)) {
      for (var file : left) {
        Files.deleteIfExists(file);
      }
    }
    return new Arrivals(folder, room, MemoryShares.ofAThird());
  }

  /**
   * Waits until there is memory for it. To be closed.
   *
   * @throws io.postern.smtp.DamagedFileException if the file is not what the spool wrote
   * @throws IOException also if the disk is too full for what is decoded
   * @throws MailException if what it holds is no mail that can be read
   */
  Arrival read(SpooledMail spooled) throws IOException, MailException {
    return spooled.size() <= SMALL ? small(spooled) : large(spooled);
  }

  private Arrival small(SpooledMail spooled) throws IOException, MailException {
    memory.take(spooled.size());
    Runnable release = () -> memory.giveBack(spooled.size());
    try {
      var octets = spooled.arrivedOctets();
      var mail = MailReader.read(octets);
      var name = IdempotencyKey.Name.of(mail, new ByteArrayInputStream(octets));
      return new Arrival(spooled, mail, name, release);
    } catch (IOException | MailException | RuntimeException | Error failed) {
      release.run();
      throw failed;
    }
  }

  /**
   * A place for the bodies of another mail than those that are carried. To be closed.
   *
   * @param octets of that mail
   * @throws IOException if the disk is too full for them
   */
  CarriedBodies scratch(long octets) throws IOException {
    requireRoom(octets);
    return new CarriedBodies(folder.resolve("scratch-" + UUID.randomUUID()));
  }

  private Arrival large(SpooledMail spooled) throws IOException, MailException {
    requireRoom(spooled.size());
    var bodies = new CarriedBodies(folder.resolve(spooled.id().toString()));
    Runnable release = bodies::close;
    try {
      MailStructure structure;
      long held;
      places.acquireUninterruptibly();
      try {
        structure = takeApart(spooled, bodies);
        held = structure.octetsToHold(ContentCodec.MAX_ENCODED_BYTES);
        memory.take(held);
      } finally {
        places.release();
      }
      release =
          () -> {
            bodies.close();
            memory.giveBack(held);
          };
      var mail = structure.mail();
      try (var octets = spooled.openArrived()) {
        return new Arrival(spooled, mail, IdempotencyKey.Name.of(mail, octets), release);
      }
    } catch (IOException | MailException | RuntimeException | Error failed) {
      release.run();
      throw failed;
    }
  }

  /** What is decoded is no larger; several may be at it at once, and each has seen this room. */
  private void requireRoom(long octets) throws IOException {
    if (!room.isFor(octets + DiskRoom.NEEDED)) {
      throw new IOException("the disk has no room to take apart a mail of " + octets + " octets");
    }
  }

  private static MailStructure takeApart(SpooledMail spooled, CarriedBodies bodies)
      throws IOException, MailException {
    try (var in = spooled.openArrived()) {
      try {
        return MailReader.structure(in, spooled.size(), bodies);
      } finally {
        in.transferTo(OutputStream.nullOutputStream()); // Only its end says whether it is whole.
      }
    }
  }
}
