package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.postern.interop.EachDatabase;
import io.postern.interop.OnEachDatabase;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.MessageStore.Arrival;
import io.postern.xmtp.store.MessageStore.Kind;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class MessageStoreTest {
  private static final Pattern SCANS = Pattern.compile("scanCount: (\\d+)");
  private static final InstallationId OURS = InstallationId.of(octets(32, 1));
  private static final InstallationId THEIRS = InstallationId.of(octets(32, 2));
  private static final GroupId ONE = GroupId.of(octets(16, 3));
  private static final GroupId OTHER = GroupId.of(octets(16, 4));

  private final MessageStore messages = new MessageStore(Lease.ALL);
  private Jdbi jdbi;

  @BeforeEach
  void open(@TempDir Path folder) {
    jdbi = TestDatabase.open(folder).jdbi();
  }

  @Test
  void theNewestOfSeveralGroupsComeInTheirOrder() {
    insert(ONE, 1, OURS);
    insert(OTHER, 2, THEIRS);
    insert(ONE, 3, THEIRS);
    insert(OTHER, 4, OURS);

    var newest = jdbi.withHandle(h -> messages.newest(h, OURS, List.of(ONE, OTHER), 3));

    assertThat(newest).extracting(Message::sentAtNs).containsExactly(2L, 3L, 4L);
  }

  @Test
  void theLastOfOneInstallationIsTheYoungestBeforeTheTimeInAnyOfTheGroups() {
    insert(ONE, 1, OURS);
    insert(OTHER, 2, OURS);
    insert(ONE, 3, THEIRS);
    insert(OTHER, 4, OURS);

    var last = jdbi.withHandle(h -> messages.lastOf(h, OURS, OURS, List.of(ONE, OTHER), 4));

    assertThat(last).map(Message::sentAtNs).contains(2L);
  }

  @Test
  void inALongConversationTheNewestAreFoundWithoutReadingTheOthers() {
    assumeFalse(EachDatabase.isPostgres(), "the plan is read as H2 writes it");
    jdbi.useTransaction(
        handle -> {
          for (int i = 1; i <= 3000; i++) {
            messages.insert(handle, message(ONE, i, i % 2 == 0 ? OURS : THEIRS), false);
          }
        });
    var statements = new ArrayList<String>();
    jdbi.setSqlLogger(
        new SqlLogger() {
          @Override
          public void logBeforeExecution(StatementContext context) {
            statements.add(context.getRenderedSql());
          }
        });

    jdbi.useHandle(h -> messages.newest(h, OURS, List.of(ONE), 10));
    jdbi.useHandle(h -> messages.lastOf(h, OURS, OURS, List.of(ONE), Long.MAX_VALUE));

    assertThat(List.copyOf(statements)).hasSize(2).allMatch(sql -> scans(sql) <= 20);
  }

  @Test
  void ofManyEachIsStoredOnceAndWaitsInTheirOrder() {
    insert(ONE, 3, THEIRS);
    var third = message(ONE, 3, THEIRS);
    var first = message(ONE, 1, THEIRS);
    var second = message(OTHER, 2, THEIRS);

    int added =
        jdbi.inTransaction(
            h ->
                messages.insert(
                    h,
                    List.of(
                        new Arrival(second, true),
                        new Arrival(third, true),
                        new Arrival(message(ONE, 4, THEIRS), false),
                        new Arrival(first, true),
                        new Arrival(second, true))));

    assertThat(added).isEqualTo(3);
    var waiting = jdbi.withHandle(h -> messages.pending(h, 0, 10));
    assertThat(waiting)
        .extracting(each -> each.message().id())
        .containsExactly(second.id(), first.id());
    int none = jdbi.inTransaction(h -> messages.insert(h, List.of()));
    assertThat(none).isZero();
  }

  /** How many rows H2 reads for a statement. */
  private int scans(String sql) {
    var plan =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("explain analyze " + sql)
                    .configure(SqlStatements.class, c -> c.setUnusedBindingAllowed(true))
                    .bind("installation", OURS.octets())
                    .bind("sender", OURS.octets())
                    .bind("group", ONE.octets())
                    .bind("status", Status.PUBLISHED.ordinal())
                    .bind("kind", Kind.APPLICATION.ordinal())
                    .bind("before", Long.MAX_VALUE)
                    .bind("limit", 10)
                    .mapTo(String.class)
                    .one());
    var found = SCANS.matcher(plan);
    assertThat(found.find()).as(plan).isTrue();
    return Integer.parseInt(found.group(1));
  }

  private void insert(GroupId group, int number, InstallationId sender) {
    jdbi.useTransaction(handle -> messages.insert(handle, message(group, number, sender), false));
  }

  private static Message message(GroupId group, int number, InstallationId sender) {
    var id = ByteBuffer.allocate(32).putInt(number).array();
    return new Message(
        OURS,
        MessageId.of(id),
        group,
        number,
        number,
        new InboxId("ab".repeat(32)),
        sender,
        Kind.APPLICATION,
        Status.PUBLISHED,
        Optional.empty(),
        new byte[] {1});
  }

  private static byte[] octets(int length, int value) {
    var octets = new byte[length];
    Arrays.fill(octets, (byte) value);
    return octets;
  }
}
