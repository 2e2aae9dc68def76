package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.postern.interop.EachDatabase;
import io.postern.interop.OnEachDatabase;
import io.postern.interop.PostgresServer;
import io.postern.mail.MailException;
import io.postern.mapping.MappingSchema;
import io.postern.mapping.SpoolRow;
import io.postern.mapping.SpoolRow.Place;
import io.postern.mapping.SpoolRows;
import io.postern.smtp.DamagedFileException;
import io.postern.smtp.Spool;
import io.postern.smtp.SpoolContract;
import io.postern.smtp.SpoolStore;
import io.postern.smtp.SpooledMail;
import io.postern.xmtp.store.Lease;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A spool in the database does what one in a folder does, and what only it can. */
@OnEachDatabase
class SpoolTableTest extends SpoolContract {
  private static final long OURS = 7;

  @TempDir Path folder;
  private Optional<TestStore> database = Optional.empty();

  @Override
  protected SpoolStore store() throws Exception {
    return table(OURS, folder.resolve("spool"));
  }

  private SpoolTable table(long life, Path files) throws Exception {
    return new SpoolTable(
        StoredSpool.rows(folder.resolve("spool"), jdbi(), database().source()),
        life,
        Lease.ALL,
        SpoolStore.folder(files));
  }

  private TestStore database() throws Exception {
    if (database.isEmpty()) {
      database = Optional.of(new TestStore());
    }
    return database.get();
  }

  private Jdbi jdbi() throws Exception {
    return database().jdbi();
  }

  private SpoolRows rows() throws Exception {
    return StoredSpool.rows(folder.resolve("spool"), jdbi(), database().source());
  }

  private int count(String table) throws Exception {
    return jdbi()
        .withHandle(
            handle ->
                handle.createQuery("select count(*) from " + table).mapTo(Integer.class).one());
  }

  private void run(String sql) throws Exception {
    jdbi().useHandle(handle -> handle.execute(sql));
  }

  @AfterEach
  void closeDatabase() {
    database.ifPresent(TestStore::close);
  }

  @Test
  void whatIsDoneOrForgottenLeavesNothing() throws Exception {
    spool.accept(mail(new byte[700_000]));
    spool.accept(mail("dead"));
    var ids = spool.due(NOW, 10).stream().map(SpooledMail::id).toList();
    assertThat(count("spool_part")).isEqualTo(4);

    spool.done(ids.get(0));
    spool.dead(ids.get(1), "5.1.1", "nobody there");
    spool.forget(ids.get(1));

    assertThat(count("spool_mail")).isZero();
    assertThat(count("spool_part")).isZero();
    assertThat(folder.resolve("spool").resolve("incoming")).isEmptyDirectory();
    assertThat(folder.resolve("spool").resolve("ready")).isEmptyDirectory();
  }

  @Test
  void noPartIsLargerThanAPart() throws Exception {
    var huge = new byte[20 << 20];
    huge[huge.length - 1] = 7;

    spool.accept(mail(huge));

    var spooled = only(spool.due(NOW, 10));
    assertThat(count("spool_part")).isGreaterThanOrEqualTo(80);
    for (int part = 0; part < 80; part++) {
      assertThat(rows().part(spooled.id().value(), part).orElseThrow()).hasSize(SpoolRows.PART);
    }
    assertArrayEquals(huge, spooled.arrivedOctets());
  }

  /** As when the file of a large mail cannot be read to its end. */
  @Test
  void aMailThatEndsEarlyLeavesNothing() throws Exception {
    var row = row("01JDGQ0000000000000000000A");
    var content = new byte[2 * SpoolRows.PART];

    assertThatThrownBy(
            () ->
                rows()
                    .add(
                        row,
                        new ByteArrayInputStream(content),
                        content.length + 1,
                        new byte[1],
                        OURS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1 octets early");

    assertThat(count("spool_mail")).isZero();
    assertThat(count("spool_part")).isZero();
  }

  @Test
  void aConnectionThatBreaksBetweenTwoPartsLeavesNothing() throws Exception {
    assumeTrue(EachDatabase.isPostgres(), "H2 has no connection that breaks");
    var server = PostgresServer.require().newDatabase().source();
    MappingSchema.migrate(server);
    var jdbi = Jdbi.create(server);
    var other = Jdbi.create(server); // One Jdbi has one connection in a thread.
    var rows = new SpoolRows(jdbi, jdbi, "spool");
    var row = row("01JDGQ0000000000000000000A");
    var content = new byte[4 * SpoolRows.PART];
    var breaking =
        new FilterInputStream(new ByteArrayInputStream(content)) {
          private int reads;

          @Override
          public int read(byte[] octets, int offset, int length) throws IOException {
            if (++reads == 3) {
              endOtherConnections(other);
            }
            return super.read(octets, offset, length);
          }
        };

    assertThatThrownBy(() -> rows.add(row, breaking, content.length, new byte[1], OURS))
        .isInstanceOf(JdbiException.class);

    assertThat(rows.row(row.id())).isEmpty();
    assertThat(rows.part(row.id(), 0)).isEmpty();
    rows.add(row, new ByteArrayInputStream(content), content.length, new byte[1], OURS);
    assertThat(rows.part(row.id(), 3)).isPresent();
  }

  /** Whoever is told that their mail is taken, has it there; whoever is not, has not. */
  @Test
  void whoSharesATransactionThatFailsIsToldSo() throws Exception {
    var turn = new AtomicInteger();
    var source = database().source();
    var failing =
        Jdbi.create(
            () -> {
              if (turn.incrementAndGet() % 3 == 0) {
                throw new SQLException("no connection");
              }
              return source.getConnection();
            });
    var rows = new SpoolRows(jdbi(), failing, "spool");
    var taken = new AtomicInteger();
    try (var shaky =
        Spool.open(
            new SpoolTable(rows, OURS, Lease.ALL, SpoolStore.folder(folder.resolve("shaky"))),
            CLOCK)) {
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 20; i++) {
              try {
                shaky.accept(mail("x"));
                taken.incrementAndGet();
              } catch (MailException refused) {
                assertThat(refused.status()).isEqualTo("4.3.0");
              }
            }
            return null;
          };

      sideBySide(8, work);

      assertThat(taken.get()).isBetween(1, 159);
      assertThat(shaky.size()).isEqualTo(taken.get());
    }
    assertThat(count("spool_mail")).isEqualTo(taken.get());
  }

  @Test
  void whatAnotherInstanceHasTakenIsFound() throws Exception {
    var woken = new AtomicInteger();
    spool.onArrival(woken::incrementAndGet);
    try (var other = Spool.open(table(SpoolRows.NOBODY, folder.resolve("other")), CLOCK)) {
      other.accept(mail("small"));
      other.accept(mail(new byte[300_000]));
      assertThat(other.due(NOW, 10)).isEmpty();
      assertThat(other.size()).isZero();
    }
    assertThat(spool.due(NOW, 10)).isEmpty();

    spool.claim();
    spool.claim();

    assertThat(woken).hasValue(1);
    assertEquals(
        List.of(5L, 300_000L), spool.due(NOW, 10).stream().map(SpooledMail::size).toList());
  }

  @Test
  void twoThatClaimAtOnceShareAndNeverBothHaveAMail() throws Exception {
    assumeTrue(EachDatabase.isPostgres(), "H2 lets in one process");
    try (var other = Spool.open(table(SpoolRows.NOBODY, folder.resolve("other")), CLOCK)) {
      for (int i = 0; i < 200; i++) {
        other.accept(mail("number " + i));
      }
    }
    var start = new CyclicBarrier(2);
    var claimed = Collections.synchronizedList(new ArrayList<String>());
    try (var one = life(101);
        var two = life(102)) {
      var lives = new ConcurrentLinkedQueue<>(List.of(one.number(), two.number()));
      Callable<Void> work =
          () -> {
            long life = lives.remove();
            start.await();
            rows().claims().claim(life, Lease.ALL).forEach(row -> claimed.add(row.id()));
            return null;
          };

      sideBySide(2, work);
      rows().claims().claim(103, Lease.ALL).forEach(row -> claimed.add(row.id()));
    }

    assertThat(claimed).hasSize(200).doesNotHaveDuplicates();
  }

  @Test
  void whatADeadInstanceHadIsFreeAndNotBefore() throws Exception {
    assumeTrue(EachDatabase.isPostgres(), "H2 lets in one process");
    List<SpoolRow> before;
    try (var alive = life(201);
        var other = Spool.open(table(alive.number(), folder.resolve("other")), CLOCK)) {
      other.accept(mail("one"));
      before = rows().claims().claim(OURS, Lease.ALL);
    }

    spool.claim();

    assertThat(before).isEmpty();
    assertEquals(3, only(spool.due(NOW, 10)).size());
  }

  @Test
  void whatIsHandedOverIsClaimedByTheOneThatHasTheInbox() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("two"));
    var due = spool.due(NOW, 10);

    spool.handOver(due.get(0).id(), 7);
    spool.claim();

    assertThat(spool.due(NOW, 10))
        .extracting(SpooledMail::id)
        .containsExactly(due.get(0).id(), due.get(1).id());
    spool.handOver(due.get(0).id(), 7);
    assertThatThrownBy(() -> spool.handOver(due.get(0).id(), 7))
        .isInstanceOf(NoSuchFileException.class);
    // The other is anybody's whom its owner's death leaves it to.
    assertThat(rows().claims().claim(OURS + 1, lease(0)))
        .extracting(SpoolRow::id)
        .containsExactly(due.get(1).id().value());
    assertThat(rows().claims().claim(OURS + 1, lease(1)))
        .extracting(SpoolRow::id)
        .containsExactly(due.get(0).id().value());
    assertThat(spool.size()).isEqualTo(1);
  }

  private static Lease lease(int part) {
    return new Lease(2, new TreeSet<>(Set.of(part)));
  }

  /** It does not know yet that it has lost the mail. */
  @Test
  void whoHasLostAMailSettlesItNoMore() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    run("update spool_mail set carrier = 99");

    spool.done(id);

    assertThat(count("spool_mail")).isEqualTo(1);
  }

  @Test
  void theDiskIsWaitedForWhateverTheServerIsSetTo() throws Exception {
    assumeTrue(EachDatabase.isPostgres(), "H2 has no such setting");
    run(
        "create function refuse() returns trigger language plpgsql as $$ begin"
            + " if current_setting('synchronous_commit') <> 'on' then raise 'not durable'; end if;"
            + " return new; end $$");
    run(
        "create trigger durable before insert on spool_mail for each row execute function refuse()");
    for (var setting : List.of("off", "local", "remote_write")) {
      var rows = new SpoolRows(jdbi(), set(setting), "spool");

      rows.add(
          List.of(new SpoolRows.Small(row("01JDGQ0000000000000000000A"), new byte[1], new byte[1])),
          OURS);
      rows.add(
          row("01JDGQ0000000000000000000B"), InputStream.nullInputStream(), 0, new byte[1], OURS);

      assertThat(count("spool_mail")).as(setting).isEqualTo(2);
      run("delete from spool_mail");
    }
  }

  private Jdbi set(String synchronousCommit) throws Exception {
    var source = database().source();
    return Jdbi.create(
        () -> {
          var connection = source.getConnection();
          try (var statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = " + synchronousCommit);
          }
          return connection;
        });
  }

  @Test
  void nothingIsTakenIntoADatabaseThatIsBeingMoved() throws Exception {
    assumeTrue(EachDatabase.isPostgres(), "H2 lets in one process");
    run("create table store_mark (id int)");
    spool.accept(mail("before the mark"));
    spool.done(only(spool.due(NOW, 10)).id());
    run("insert into store_mark values (1)");

    assertThatThrownBy(() -> spool.accept(mail("small"))).isInstanceOf(MailException.class);
    assertThatThrownBy(() -> spool.accept(mail(new byte[100_000])))
        .isInstanceOf(MailException.class);

    assertThat(count("spool_mail")).isZero();
    assertThat(spool.size()).isZero();
  }

  @Test
  void noticesAPartThatIsAlteredOrMissing() throws Exception {
    spool.accept(mail(new byte[600_000]));
    var spooled = only(spool.due(NOW, 10));
    var id = spooled.id().value();
    jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "update spool_part set octets = ? where part = 1",
                    new byte[SpoolRows.PART - 1]));
    assertThatThrownBy(spooled::arrivedOctets).isInstanceOf(DamagedFileException.class);
    run("delete from spool_part where part = 1");
    assertThatThrownBy(spooled::arrivedOctets).isInstanceOf(DamagedFileException.class);

    spool.setAside(spooled.id(), "altered");

    assertThat(spool.due(NOW, 10)).isEmpty();
    assertThat(rows().row(id).orElseThrow().place()).isEqualTo(Place.DAMAGED);
    assertThat(rows().row(id).orElseThrow().reason()).isEqualTo("altered");
  }

  @Test
  void aMailWhoseMetadataAreAlteredIsSetAsideAndTheOthersGoOn() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("two"));
    var first = spool.due(NOW, 10).get(0).id();
    jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "update spool_mail set trailer = ? where id = ?", new byte[40], first.value()));
    spool.dead(spool.due(NOW, 10).get(0).id(), "5.1.1", "nobody there");

    reopen();

    assertThat(spool.due(NOW, 10)).isEmpty();
    assertEquals(1, spool.dead().size());
    assertThat(rows().row(first.value()).orElseThrow().place()).isEqualTo(Place.DAMAGED);
  }

  @Test
  void aMailThatIsGoneWhileItIsReadIsNotCalledDamaged() throws Exception {
    spool.accept(mail("one"));
    var spooled = only(spool.due(NOW, 10));

    run("delete from spool_mail");

    assertThatThrownBy(spooled::arrivedOctets).isInstanceOf(NoSuchFileException.class);
    assertThat(spool.due(NOW, 10)).isEmpty();
    assertThat(spool.size()).isZero();
  }

  /** Spools of one database know nothing of each other. */
  @Test
  void theReportsAreASpoolOfTheirOwn() throws Exception {
    spool.accept(mail("one"));

    var reports = StoredSpool.rows(folder.resolve("reports"), jdbi(), database().source());

    var id = only(spool.due(NOW, 10)).id().value();
    assertThat(reports.claims().claim(8, Lease.ALL)).isEmpty();
    assertThat(reports.row(id)).isEmpty();
    assertThat(reports.remove(id, OURS)).isFalse();
  }

  @Test
  void takesOverTheFolderThatStoodThereBeforeIt() throws Exception {
    var ids = new ArrayList<String>();
    var old = folder.resolve("old");
    try (var before = Spool.open(old, CLOCK)) {
      fill(before).forEach(ids::add);
    }

    int taken = moved(SpoolStore.folder(old));
    // As if the machine had stopped before the file was gone.
    try (var before = Spool.open(old, CLOCK)) {
      assertThat(before.size()).isZero();
      assertThat(before.dead()).isEmpty();
    }

    assertThat(taken).isEqualTo(4);
    reopen();
    assertSame(ids, spool);
  }

  @Test
  void whatStandsInBothIsOneMail() throws Exception {
    var old = folder.resolve("old");
    try (var before = Spool.open(old, CLOCK)) {
      fill(before);
    }
    var copy = Files.createDirectories(folder.resolve("copy"));
    copy(old, copy);
    moved(SpoolStore.folder(old));

    moved(SpoolStore.folder(copy));

    assertThat(count("spool_mail")).isEqualTo(4);
    try (var again = Spool.open(copy, CLOCK)) {
      assertThat(again.size()).isZero();
    }
  }

  @Test
  void givesAFolderWhatItHolds() throws Exception {
    var ids = fill(spool);
    spool.close();
    var files = folder.resolve("files");

    try (var to = SpoolStore.folder(files);
        var from = store()) {
      assertThat(to.takeOver(from)).isEqualTo(4);
    }

    assertThat(count("spool_mail")).isZero();
    try (var there = Spool.open(files, CLOCK)) {
      assertSame(ids, there);
    }
    spool = Spool.open(store(), CLOCK);
  }

  /** A new one, a deferred one, a dead one and a large one. */
  private static List<String> fill(Spool spool) throws Exception {
    spool.accept(mail("new"));
    spool.accept(mail("deferred"));
    spool.accept(mail("dead"));
    spool.accept(mail(new byte[600_000]));
    var ids = spool.due(NOW, 10).stream().map(SpooledMail::id).toList();
    spool.defer(ids.get(1), NOW.plusSeconds(60), "busy");
    spool.dead(ids.get(2), "5.1.1", "nobody there");
    return ids.stream().map(Object::toString).toList();
  }

  private static void assertSame(List<String> ids, Spool spool) throws Exception {
    assertEquals(
        List.of(ids.get(0), ids.get(3)),
        spool.due(NOW, 10).stream().map(mail -> mail.id().value()).toList());
    var deferred = spool.due(NOW.plusSeconds(60), 10).get(1);
    assertEquals(ids.get(1), deferred.id().value());
    assertEquals(1, deferred.attempts());
    assertEquals("deferred", new String(deferred.arrivedOctets()));
    var dead = only(spool.dead());
    assertEquals(ids.get(2), dead.mail().id().value());
    assertEquals("5.1.1", dead.status());
    assertEquals("nobody there", dead.reason());
    assertArrayEquals(new byte[600_000], spool.due(NOW, 10).get(1).arrivedOctets());
  }

  private int moved(SpoolStore from) throws Exception {
    spool.close();
    try (from;
        var to = store()) {
      return to.takeOver(from);
    } finally {
      spool = Spool.open(store(), CLOCK);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (var file : (Iterable<Path>) files::iterator) {
        var target = to.resolve(from.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** Holds the lock of a life until it is closed. */
  private record Life(long number, Connection connection) implements AutoCloseable {
    private void run(String function) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute("select " + function + "(" + number + ")");
      }
    }

    @Override
    public void close() throws SQLException {
      run("pg_advisory_unlock");
      connection.close();
    }
  }

  private Life life(long number) throws Exception {
    var life = new Life(number, database().source().getConnection());
    life.run("pg_advisory_lock");
    return life;
  }

  private static void endOtherConnections(Jdbi jdbi) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()"));
  }

  private static SpoolRow row(String id) {
    return new SpoolRow(id, Place.WAITING, 0, Instant.EPOCH, "", "", Optional.empty());
  }

  private static void sideBySide(int threads, Callable<Void> work) throws Exception {
    var workers = Executors.newFixedThreadPool(threads);
    try {
      for (var done : workers.invokeAll(Collections.nCopies(threads, work))) {
        done.get();
      }
    } finally {
      workers.shutdownNow();
    }
  }

  /** Makes so many commits whose answer is lost. */
  private Jdbi deaf(AtomicInteger lost) throws Exception {
    var source = database().source();
    return Jdbi.create(() -> deaf(source.getConnection(), lost));
  }

  private static Connection deaf(Connection connection, AtomicInteger lost) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              Object answer;
              try {
                answer = method.invoke(connection, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getCause();
              }
              if (method.getName().equals("commit")
                  && lost.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                throw new SQLException("the connection broke");
              }
              return answer;
            });
  }

  @Test
  void whatWasCommittedWithoutAnAnswerIsTakenBack() throws Exception {
    var lost = new AtomicInteger();
    var rows = new SpoolRows(jdbi(), deaf(lost), "spool");
    var files = SpoolStore.folder(folder.resolve("shaky"));
    try (var shaky = Spool.open(new SpoolTable(rows, OURS, Lease.ALL, files), CLOCK)) {
      for (var mail : List.of(mail("small"), mail(new byte[100_000]))) {
        lost.set(1);
        assertThatThrownBy(() -> shaky.accept(mail)).isInstanceOf(MailException.class);
        assertThat(lost).hasValue(0);
      }

      assertThat(shaky.size()).isZero();
    }
    assertThat(count("spool_mail")).isZero();
    assertThat(count("spool_part")).isZero();
  }

  @Test
  void whoLosesTheAnswerToAClaimAsksAgain() throws Exception {
    var lost = new AtomicInteger();
    var rows = new SpoolRows(deaf(lost), jdbi(), "spool");
    var files = SpoolStore.folder(folder.resolve("shaky"));
    try (var shaky = Spool.open(new SpoolTable(rows, OURS + 1, Lease.ALL, files), CLOCK);
        var other = Spool.open(table(SpoolRows.NOBODY, folder.resolve("other")), CLOCK)) {
      other.accept(mail("one"));
      lost.set(1);
      assertThatThrownBy(shaky::claim).isInstanceOf(IOException.class);

      shaky.claim();

      assertThat(shaky.due(NOW, 10)).hasSize(1);
    }
  }

  @Test
  void aMoveWaitsForWhoeverIsAddingAMail() throws Exception {
    assumeTrue(EachDatabase.isPostgres(), "H2 lets in one process");
    var source = database().source();
    try (var adding = source.getConnection();
        var moving = source.getConnection();
        var statement = adding.createStatement()) {
      adding.setAutoCommit(false);
      statement.execute("lock table spool_mail in row exclusive mode"); // As an insert does.
      var over =
          CompletableFuture.runAsync(
              () ->
                  assertThatCode(() -> SpoolRows.waitForTakers(moving)).doesNotThrowAnyException());
      await().until(() -> waitingForALock() == 1);
      assertThat(over).isNotDone();

      adding.commit();

      over.get(10, TimeUnit.SECONDS);
      adding.setAutoCommit(true);
    }
  }

  private int waitingForALock() throws Exception {
    return count(
        "pg_locks where not granted and relation = cast('spool_mail' as regclass) and database ="
            + " (select oid from pg_database where datname = current_database())");
  }

  /** A start that was killed in the midst of taking over leaves a mail in both. */
  @Test
  void whatStandsInTheJournalAndTheTableIsOneMail() throws Exception {
    var files = Files.createDirectories(folder.resolve("files"));
    var copy = folder.resolve("copy");
    try (var before = Spool.open(files, CLOCK)) {
      before.accept(mail("one"));
    }
    copy(files, copy);
    moved(SpoolStore.folder(files));
    spool.close();

    try (var to = SpoolStore.folder(copy);
        var from = store()) {
      to.takeOver(from);
    }

    try (var there = Spool.open(copy, CLOCK)) {
      there.done(only(there.due(NOW, 10)).id());
    }
    try (var again = Spool.open(copy, CLOCK)) {
      assertThat(again.size()).isZero();
    }
    spool = Spool.open(store(), CLOCK);
  }
}
