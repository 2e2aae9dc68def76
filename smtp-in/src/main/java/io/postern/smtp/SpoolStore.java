package io.postern.smtp;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where the mails of a {@link Spool} lie: in a folder of this machine, or in a table that several
 * instances share. What a method has done when it returns outlives the process and the machine,
 * where nothing else is said; when it throws, it has done nothing that anybody will see.
 *
 * <p>For many threads, as long as one at a time settles any one mail.
 */
public interface SpoolStore extends Closeable {
  /**
   * A folder: makes its parts where they are missing, sweeps what a crash has left, and reads the
   * journal.
   *
   * @throws IOException if the folder cannot be used, or another process uses it
   */
  static SpoolStore folder(Path path) throws IOException {
    return SpoolFiles.open(path, step -> {});
  }

  /** Whether what is added here is for this process to deliver. */
  boolean carries();

  /**
   * Takes what waits and nobody delivers: at first all that was left, and later what others have
   * added. Each mail is given to one process, and once.
   */
  Map<SpoolId, SpoolState> claim() throws IOException;

  /**
   * Where a waiting mail stands.
   *
   * @throws java.nio.file.NoSuchFileException if no such mail waits
   */
  SpoolPlace place(SpoolId id) throws IOException;

  /** A file of this machine in which a large mail may stand while it arrives. */
  Path arriving(SpoolId id);

  /** Adds a small mail. */
  void add(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException;

  /**
   * Adds a large mail.
   *
   * @param content the file {@link #arriving}; it may be gone afterwards
   */
  void add(SpoolId id, Path content, byte[] trailer) throws IOException;

  /**
   * Adds a mail of another store with all that has happened to it; a repeat changes nothing.
   *
   * @param contentOctets where in its place begins what is known about it
   */
  void add(SpoolId id, SpoolPlace from, long contentOctets, SpoolState state, boolean dead)
      throws IOException;

  /** A waiting mail is done. It may come back after a power failure: its id tells. */
  void remove(SpoolId id) throws IOException;

  /**
   * A waiting mail waits on.
   *
   * @throws java.nio.file.NoSuchFileException if no such mail waits
   */
  void defer(SpoolId id, SpoolState state) throws IOException;

  /**
   * Leaves a waiting mail to another process, the one that works for an inbox.
   *
   * @param walletIndex by which that one is known
   * @throws java.nio.file.NoSuchFileException if no such mail waits here
   * @throws UnsupportedOperationException if no other process reaches it
   */
  default void handOver(SpoolId id, long walletIndex) throws IOException {
    throw new UnsupportedOperationException("nobody else delivers the mails of this spool");
  }

  /** A waiting mail goes to the dead-letter box. */
  void bury(SpoolId id, SpoolState state) throws IOException;

  /** The dead-letter box, oldest mail first. */
  List<SpoolId> dead() throws IOException;

  /**
   * Where a dead mail stands.
   *
   * @throws java.nio.file.NoSuchFileException if the dead-letter box has no such mail
   */
  SpoolPlace deadPlace(SpoolId id) throws IOException;

  /** When and why a dead mail was given up. */
  SpoolState deadState(SpoolId id) throws IOException;

  /**
   * A dead mail waits again.
   *
   * @return false if the dead-letter box has no such mail
   */
  boolean revive(SpoolId id, SpoolState state) throws IOException;

  /**
   * Removes a dead mail for good.
   *
   * @return false if it was not there
   */
  boolean forget(SpoolId id) throws IOException;

  /** Puts a mail, waiting or dead, where a person can look at it, and nobody else does. */
  void setAside(SpoolId id, String why) throws IOException;

  /** Whether there is room for a mail of this size while it arrives, with some to spare. */
  boolean hasRoomFor(long octets) throws IOException;

  /**
   * Takes all from another store that nobody uses: after a site has changed its database. What was
   * taken is removed there; a crash in between leaves it in both, and it can be repeated.
   *
   * @return how many mails, waiting and dead
   */
  default int takeOver(SpoolStore other) throws IOException {
    int taken = 0;
    for (var waiting : other.claim().entrySet()) {
      var id = waiting.getKey();
      try {
        var place = other.place(id);
        add(id, place, SpoolFile.verify(place).contentOctets(), waiting.getValue(), false);
        other.remove(id);
        taken++;
      } catch (DamagedFileException damaged) {
        other.setAside(id, damaged.getMessage());
      }
    }
    for (var id : other.dead()) {
      try {
        var place = other.deadPlace(id);
        add(id, place, SpoolFile.verify(place).contentOctets(), other.deadState(id), true);
        other.forget(id);
        taken++;
      } catch (DamagedFileException damaged) {
        other.setAside(id, damaged.getMessage());
      }
    }
    return taken;
  }
}
