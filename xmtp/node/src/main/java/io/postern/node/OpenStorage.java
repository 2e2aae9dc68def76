package io.postern.node;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The database and its {@link Journal}, opened: connections that read, used by several threads, and
 * the one that writes, used by one at a time. A transaction that {@link #commit} has made survives
 * a {@code kill -9} and a power failure.
 *
 * <p>H2 saves the roots of its tables one after the other. If another thread saves while a
 * transaction is being made, the file can have half of it, and does after a kill. So H2's own
 * writer never wakes: the writing thread saves, between transactions, or H2 in that thread.
 */
final class OpenStorage implements AutoCloseable {
  private static final String FILE = "node";
  private static final int NEVER = Integer.MAX_VALUE;

  private final Connections connections;
  private final Jdbi jdbi;
  private final Handle writer;
  private final StoreFile file;
  private final Journal journal;
  private long lastNumber;
  private boolean halfDone;

  private OpenStorage(Connections connections, Jdbi jdbi, Handle writer, Path folder)
      throws IOException, SQLException {
    this.connections = connections;
    this.jdbi = jdbi;
    this.writer = writer;
    this.file = StoreFile.of(writer);
    this.journal = Journal.recover(folder, this::replay);
    this.lastNumber = applied();
    save();
  }

  /** Opens the files of the folder, making what is missing, and brings them to where they ended. */
  static OpenStorage open(Path folder) throws IOException {
    var connections = new Connections(url(folder));
    var opened = false;
    try {
      var storage = recover(connections, folder);
      opened = true;
      return storage;
    } catch (SQLException e) {
      throw new IOException(e);
    } finally {
      if (!opened) {
        connections.dispose();
      }
    }
  }

  private static OpenStorage recover(Connections connections, Path folder)
      throws IOException, SQLException {
    var jdbi = Jdbi.create(connections);
    var writer = jdbi.open();
    try {
      NodeSchema.migrate(connections.source());
      return new OpenStorage(connections, jdbi, writer, folder);
    } catch (IOException | SQLException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  private static String url(Path folder) {
    var file = folder.toAbsolutePath().normalize().resolve(FILE).toString();
    return "jdbc:h2:file:%s;WRITE_DELAY=%d;DB_CLOSE_ON_EXIT=FALSE;QUERY_CACHE_SIZE=64"
        .formatted(file, NEVER);
  }

  private void replay(long number, byte[] changes) throws IOException {
    if (number <= applied()) {
      return;
    }
    writer.begin();
    Transaction.replay(changes, writer);
    setApplied(number);
    writer.commit();
    if (file.isDue()) {
      file.save();
    }
  }

  private long applied() {
    return writer.createQuery("SELECT applied FROM journal").mapTo(Long.class).one();
  }

  private void setApplied(long number) {
    writer.execute("UPDATE journal SET applied = ?", number);
  }

  /** For reading. */
  Jdbi jdbi() {
    return jdbi;
  }

  /**
   * Makes one transaction. The journal has it, on the disk, before the commit shows it to readers:
   * what was seen once never vanishes.
   *
   * @throws IOException if it could not be written; then, as with any exception, nothing was
   *     stored, unless {@link #isBroken}
   */
  void commit(Consumer<Transaction> writes) throws IOException {
    var recorded = false;
    try {
      writer.begin();
      var transaction = new Transaction(writer);
      writes.accept(transaction);
      if (!transaction.isEmpty()) {
        journal.append(lastNumber + 1, transaction.toByteArray());
        recorded = true;
        setApplied(lastNumber + 1);
      }
      writer.commit();
    } catch (IOException | RuntimeException e) {
      takeBack(recorded, e);
      throw e;
    }
    if (recorded) {
      lastNumber++;
    }
  }

  private void takeBack(boolean recorded, Exception cause) {
    halfDone = true;
    try {
      if (writer.isInTransaction()) {
        writer.rollback();
      }
      if (recorded) {
        journal.undo();
      }
      halfDone = false;
    } catch (IOException | RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Saves when it is time to. Call it between transactions. */
  void keepUp() throws IOException {
    if (journal.isLong()) {
      save();
    } else if (file.isDue()) {
      file.save();
    }
  }

  private void save() throws IOException {
    file.save();
    if (!journal.isEmpty()) {
      journal.rotate();
    }
  }

  /** Whether nothing can be written any more, before it is opened again. */
  boolean isBroken() {
    return halfDone || journal.isSpoiled() || file.isClosed();
  }

  /** Lets go of what writes, so that the files can be opened again beside those who still read. */
  void endWriting() throws IOException {
    try {
      writer.close();
    } finally {
      journal.close();
    }
  }

  /** Lets go of what reads. */
  void endReading() {
    connections.dispose();
  }

  /** Saves everything and lets go of the files. */
  @Override
  public void close() throws IOException {
    try (var connection = connections.source().getConnection();
        var statement = connection.createStatement()) {
      writer.close();
      statement.execute("SHUTDOWN");
    } catch (SQLException e) {
      throw new IOException(e);
    } finally {
      journal.close();
      connections.dispose();
    }
  }
}
