package io.postern.bridge;

import io.postern.mapping.SpoolRow;
import io.postern.mapping.SpoolRow.Place;
import io.postern.mapping.SpoolRows;
import io.postern.smtp.SharedFlush;
import io.postern.smtp.SpoolId;
import io.postern.smtp.SpoolPlace;
import io.postern.smtp.SpoolState;
import io.postern.smtp.SpoolStore;
import io.postern.xmtp.store.Lease;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A spool in the database, where several instances reach it. docs/adr/0017.
 *
 * <p>Small mails that come at once are committed together: whoever comes while a transaction runs
 * is in the next. A large mail stands in a file of this machine while it arrives, and is then
 * copied in a transaction of its own, a part at a time.
 */
final class SpoolTable implements SpoolStore {
  private static final Logger log = LoggerFactory.getLogger(SpoolTable.class);

  /** Each has a connection for as long as it is copied. */
  private static final int LARGE_AT_ONCE = 2;

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private static final int MAX_REASON = 2_000;

  private final SpoolRows rows;
  private final long life;
  private final Lease lease;
  private final SpoolStore folder;
  private final Queue<Arriving> arriving = new ConcurrentLinkedQueue<>();
  private final SharedFlush commit = new SharedFlush(this::commitTogether);
  private final AtomicBoolean claimedOwn = new AtomicBoolean();

  /** Whoever brings them has no answer yet, and may get none. */
  private final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  private final Semaphore large = new Semaphore(LARGE_AT_ONCE, true);

  /**
   * @param life of this daemon, which delivers; {@link SpoolRows#NOBODY} for one that only adds
   * @param lease has the inboxes for which it delivers
   * @param folder where large mails stand while they arrive; closed with this
   */
  SpoolTable(SpoolRows rows, long life, Lease lease, SpoolStore folder) {
    this.rows = rows;
    this.life = life;
    this.lease = lease;
    this.folder = folder;
  }

  /** A small mail, and whether the database has it. */
  private static final class Arriving {
    private final SpoolRows.Small mail;
    private volatile boolean isThere;

    Arriving(SpoolRows.Small mail) {
      this.mail = mail;
    }
  }

  @Override
  public boolean carries() {
    return life != SpoolRows.NOBODY;
  }

  @Override
  public Map<SpoolId, SpoolState> claim() throws IOException {
    if (!carries()) {
      return Map.of();
    }
    var claimed = new LinkedHashMap<SpoolId, SpoolState>();
    boolean done = false;
    try {
      claim(claimed);
      done = true;
    } finally {
      if (!done) {
        claimedOwn.set(false); // They may be ours without our having heard of it.
      }
    }
    return claimed;
  }

  private void claim(Map<SpoolId, SpoolState> claimed) throws IOException {
    asked(() -> rows.claims().claim(life, lease))
        .forEach(row -> claimed.put(new SpoolId(row.id()), state(row)));
    if (!claimedOwn.getAndSet(true)) {
      // What was taken over before, and on H2 what an earlier run had.
      asked(() -> rows.claims().of(life)).stream()
          .filter(row -> !unanswered.contains(row.id()))
          .forEach(row -> claimed.put(new SpoolId(row.id()), state(row)));
    }
  }

  @Override
  public SpoolPlace place(SpoolId id) throws IOException {
    return place(id, Place.WAITING);
  }

  @Override
  public SpoolPlace deadPlace(SpoolId id) throws IOException {
    return place(id, Place.DEAD);
  }

  private SpoolPlace place(SpoolId id, Place place) throws IOException {
    return asked(() -> rows.octets(id.value(), place))
        .map(octets -> new TablePlace(rows, id.value(), octets))
        .orElseThrow(() -> absent(id));
  }

  @Override
  public Path arriving(SpoolId id) {
    return folder.arriving(id);
  }

  @Override
  public boolean hasRoomFor(long octets) throws IOException {
    return folder.hasRoomFor(octets);
  }

  @Override
  public void add(SpoolId id, ByteBuffer content, byte[] trailer) throws IOException {
    var octets = new byte[content.remaining()];
    content.get(octets);
    var mail = new Arriving(new SpoolRows.Small(fresh(id), octets, trailer));
    unanswered.add(id.value());
    try {
      arriving.add(mail);
      commit.sync();
    } catch (IOException failed) {
      if (!mail.isThere) {
        throw failed;
      }
    } finally {
      unanswered.remove(id.value());
    }
    // A transaction may have taken it that began before its thread waited for the next one.
    if (!mail.isThere) {
      throw new IOException("the database did not take what came at once; the log says why");
    }
  }

  private void commitTogether() throws IOException {
    var together = new ArrayList<Arriving>();
    Arriving next;
    while ((next = arriving.poll()) != null) {
      together.add(next);
    }
    if (together.isEmpty()) {
      return;
    }
    var mails = together.stream().map(mail -> mail.mail).toList();
    try {
      rows.add(mails, life);
    } catch (JdbiException failed) {
      takeBack(failed, mails.stream().map(SpoolRows.Small::row).toList());
      throw refused(failed);
    }
    together.forEach(mail -> mail.isThere = true);
  }

  @Override
  public void add(SpoolId id, Path content, byte[] trailer) throws IOException {
    requireTurn();
    var row = fresh(id);
    unanswered.add(id.value());
    try (var in = Files.newInputStream(content)) {
      rows.add(row, in, Files.size(content), trailer, life);
    } catch (JdbiException failed) {
      takeBack(failed, List.of(row));
      throw refused(failed);
    } finally {
      unanswered.remove(id.value());
      large.release();
    }
  }

  /** Who waits for a database that hangs would be given up by their client, and come twice. */
  private void requireTurn() throws IOException {
    try {
      if (!large.tryAcquire(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the database takes large mails too slowly");
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while large mails wait for the database", closing);
    }
  }

  @Override
  public void add(SpoolId id, SpoolPlace from, long contentOctets, SpoolState state, boolean dead)
      throws IOException {
    var row = row(id, dead ? Place.DEAD : Place.WAITING, state);
    try (var content = from.open(0, contentOctets);
        var trailer = from.open(contentOctets, from.octets())) {
      rows.add(row, content, contentOctets, trailer.readAllBytes(), life);
    } catch (JdbiException failed) {
      throw refused(failed);
    }
  }

  /** A connection that broke during the commit says not whether it has been made. */
  private void takeBack(JdbiException failed, List<SpoolRow> mails) {
    if (failed instanceof ConnectionException) {
      return; // Nothing was begun.
    }
    try {
      rows.takeBack(mails);
    } catch (JdbiException again) {
      log.warn(
          "spool={} may come twice: nobody knows whether the database took them",
          mails.stream().map(SpoolRow::id).toList(),
          again);
    }
  }

  @Override
  public void remove(SpoolId id) throws IOException {
    asked(() -> rows.remove(id.value(), life));
  }

  @Override
  public void defer(SpoolId id, SpoolState state) throws IOException {
    change(id, state, Place.WAITING, Place.WAITING);
  }

  @Override
  public void handOver(SpoolId id, long walletIndex) throws IOException {
    if (!asked(() -> rows.claims().handOver(id.value(), walletIndex, life))) {
      throw absent(id);
    }
  }

  @Override
  public void bury(SpoolId id, SpoolState state) throws IOException {
    change(id, state, Place.WAITING, Place.DEAD);
  }

  private void change(SpoolId id, SpoolState state, Place from, Place to) throws IOException {
    if (!asked(() -> rows.change(row(id, to, state), from, life))) {
      throw absent(id);
    }
  }

  @Override
  public List<SpoolId> dead() throws IOException {
    return asked(rows::dead).stream().map(SpoolId::new).toList();
  }

  @Override
  public SpoolState deadState(SpoolId id) throws IOException {
    return state(
        asked(() -> rows.row(id.value()))
            .filter(row -> row.place() == Place.DEAD)
            .orElseThrow(() -> absent(id)));
  }

  @Override
  public boolean revive(SpoolId id, SpoolState state) throws IOException {
    return asked(() -> rows.change(row(id, Place.WAITING, state), Place.DEAD, life));
  }

  @Override
  public boolean forget(SpoolId id) throws IOException {
    return asked(() -> rows.forget(id.value()));
  }

  @Override
  public void setAside(SpoolId id, String why) throws IOException {
    var row = asked(() -> rows.row(id.value()));
    if (row.isEmpty() || row.get().place() == Place.DAMAGED) {
      return;
    }
    var reason = why.length() > MAX_REASON ? why.substring(0, MAX_REASON) : why;
    var aside =
        new SpoolRow(
            id.value(),
            Place.DAMAGED,
            row.get().attempts(),
            row.get().at(),
            row.get().status(),
            reason,
            row.get().revivedAt());
    if (asked(() -> rows.change(aside, row.get().place(), life))) {
      log.error("set aside spool={} as DAMAGED in the table spool_mail: {}", id, why);
    }
  }

  @Override
  public void close() throws IOException {
    folder.close();
  }

  private static SpoolRow fresh(SpoolId id) {
    return row(id, Place.WAITING, SpoolState.NEW);
  }

  private static SpoolRow row(SpoolId id, Place place, SpoolState state) {
    return new SpoolRow(
        id.value(),
        place,
        state.attempts(),
        state.at(),
        state.status(),
        state.reason(),
        state.revivedAt());
  }

  private static SpoolState state(SpoolRow row) {
    return new SpoolState(row.attempts(), row.at(), row.status(), row.reason(), row.revivedAt());
  }

  /** What the database answers. */
  static <T> T asked(Supplier<T> question) throws IOException {
    try {
      return question.get();
    } catch (JdbiException failed) {
      throw refused(failed);
    }
  }

  private static IOException refused(JdbiException failed) {
    return new IOException("the database of the spool did not answer as it should", failed);
  }

  private static NoSuchFileException absent(SpoolId id) {
    return new NoSuchFileException(id.value(), null, "the spool has no such mail");
  }
}
