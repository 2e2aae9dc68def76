package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.store.CursorStore.Read;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.GroupStore.State;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.IntentStore.Kind;
import io.postern.xmtp.store.KeyStore.OwnKeys;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import io.postern.xmtp.store.PointerStore.Waiting;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is asked for each message, or every few seconds, reads as many rows in a large store as in a
 * small one; and what changes rows finds them by an index.
 */
class ScanCountTest {
  private static final Pattern SCANS = Pattern.compile("scanCount: (\\d+)");
  private static final int FEW = 10;
  private static final int MANY = 2_000;
  private static final long NOW = 1_000;

  private ClientStore store;

  @BeforeEach
  void open(@TempDir Path folder) {
    store = TestDatabase.open(folder);
  }

  @Test
  void whatIsAskedOftenReadsNoMoreRowsInALargeStore() {
    fill(0, FEW);
    var small = scans();

    fill(FEW, MANY);

    assertThat(scans()).isEqualTo(small);
    assertThat(small).hasSizeGreaterThan(20);
  }

  @Test
  void whatIsChangedOftenIsFoundByAnIndex() {
    fill(0, FEW);
    var plans = new TreeMap<String, String>();
    watch(
        (context, sql) -> {
          if (!sql.startsWith("select") && !sql.startsWith("insert")) {
            plans.put(sql, explain("explain ", context));
          }
        });

    changes();

    assertThat(plans).hasSizeGreaterThan(8);
    assertThat(plans).allSatisfy((sql, plan) -> assertThat(plan).doesNotContain("tableScan"));
  }

  /** Rows read by each query that is asked for a message, or every few seconds. */
  private SortedMap<String, Integer> scans() {
    var scans = new TreeMap<String, Integer>();
    watch(
        (context, sql) -> {
          if (sql.startsWith("select")) {
            scans.merge(sql, sum(explain("explain analyze ", context)), Integer::sum);
          }
        });
    questions();
    watch((context, sql) -> {});
    return scans;
  }

  private void questions() {
    var key = key(3);
    var installation = key.installation();
    store
        .jdbi()
        .useHandle(
            h -> {
              store.inboxes().find(h, installation);
              store.inboxes().find(h, inbox(3));
              store.inboxes().inboxOf(h, installation);
              store.inboxes().due(h, NOW, 100);
              store.keys().find(h, installation, octets(32, 3));
              store.pointers().due(h, NOW, 100);
              store.groups().find(h, installation, key.group());
              store.groups().version(h, key);
              store.groups().state(h, installation, key.group());
              store.groups().dms(h, installation, inbox(4));
              store.groups().list(h, installation);
              store.cursors().find(h, installation, Topic.of(key.group()));
              store
                  .cursors()
                  .find(
                      h,
                      List.of(
                          new Read(installation, Topic.of(key.group())),
                          new Read(key(4).installation(), Topic.of(key(4).group()))));
              store.intents().payloadHashes(h, key);
              store.intents().payload(h, installation, octets(32, 3));
              store.intents().list(h, key, IntentStore.State.TO_PUBLISH, 50, 1000);
              store.intents().wishes(h, key, IntentStore.State.PUBLISHED);
              store.intents().wishes(h, key, 100);
              store.intents().any(h, key, IntentStore.State.PUBLISHED);
              store.identities().latest(h, inbox(3));
              store.identities().latest(h, List.of(inbox(3), inbox(4)));
              store.identities().list(h, inbox(3), Long.MAX_VALUE);
              store.messages().find(h, installation, message(3).id());
              store.messages().newest(h, installation, List.of(key.group()), 10);
              store.messages().lastOf(h, installation, installation, List.of(key.group()), NOW);
              store.messages().expired(h, NOW, 500);
              store.consents().of(h, installation, key.group());
            });
  }

  private void changes() {
    var key = key(3);
    store
        .jdbi()
        .useTransaction(
            h -> {
              store.groups().saveRatchet(h, key, 1, 5, octets(40, 9));
              store.groups().saveEpoch(h, key, 2, 1, true, new State(octets(9, 1), octets(9, 2)));
              store.groups().checkedAt(h, key, 5);
              store
                  .cursors()
                  .advance(
                      h,
                      key.installation(),
                      Topic.of(key.group()),
                      new Position(Cursor.MESSAGES, 9));
              store.messages().published(h, key.installation(), message(3).id(), 4, 4);
              store.messages().delete(h, store.messages().expired(h, Long.MAX_VALUE, 1));
              store.intents().done(h, 1);
              store.intents().forgetPayload(h, key, octets(32, 3));
              store.intents().forgetPayloads(h, key, 1);
              store.inboxes().rotateBy(h, key.installation(), 5);
              store.keys().deleteDue(h, NOW);
            });
  }

  private void fill(int from, int to) {
    store
        .jdbi()
        .useTransaction(
            handle -> {
              for (int i = from; i < to; i++) {
                row(handle, i);
              }
            });
  }

  private void row(Handle handle, int i) {
    var key = key(i);
    var self = key.installation();
    store
        .inboxes()
        .insert(
            handle,
            new HostedInbox(
                self,
                inbox(i),
                new EthereumAddress("0x" + String.format("%040x", i)),
                OptionalLong.empty(),
                Secret.take(octets(32, i)),
                Secret.take(octets(42, i)),
                true,
                Long.MAX_VALUE));
    store
        .keys()
        .insert(
            handle,
            self,
            new OwnKeys(
                octets(32, i),
                octets(100, i),
                Secret.take(octets(32, i)),
                Secret.take(octets(32, i)),
                Secret.take(octets(32, i))),
            octets(32, i),
            octets(33, i),
            1);
    store
        .pointers()
        .put(
            handle,
            new Waiting(
                new WelcomeEnvelope.Pointer(
                    self, new Position(Cursor.WELCOMES, 1), 1, octets(32, i), 1, octets(9, i)),
                0,
                1),
            Long.MAX_VALUE);
    store.identities().insert(handle, inbox(i), new LoggedUpdate(i + 1, update()));
    store.groups().put(handle, group(key, i), new State(octets(90, i), octets(40, i)));
    var position = new Position(Cursor.MESSAGES, 1);
    store.cursors().advance(handle, self, Topic.of(key.group()), position);
    store.cursors().advance(handle, key(3).installation(), Topic.of(key.group()), position);
    store.consents().set(handle, self, key.group(), ConsentStore.State.ALLOWED, 1);
    store.messages().insert(handle, message(i), false);
    long intent =
        store
            .intents()
            .insert(handle, key, Kind.SEND_MESSAGE, octets(9, i), Optional.empty(), true);
    var queued = store.intents().list(handle, key, IntentStore.State.TO_PUBLISH, 1, 1).get(0);
    assertThat(queued.id()).isEqualTo(intent);
    store
        .intents()
        .published(
            handle, queued, 0, octets(32, i), octets(9, i), Optional.empty(), Optional.empty());
  }

  private static GroupRow group(Key key, int i) {
    return new GroupRow(
        key.installation(),
        key.group(),
        GroupStore.Kind.DM,
        Optional.of(inbox(i + 1)),
        inbox(i),
        GroupStore.Membership.ALLOWED,
        true,
        1,
        1,
        1,
        1,
        0,
        Optional.empty(),
        false,
        0);
  }

  private static Message message(int i) {
    return new Message(
        key(i).installation(),
        MessageId.of(octets(32, i)),
        key(i).group(),
        0,
        1,
        inbox(i),
        key(i).installation(),
        MessageStore.Kind.APPLICATION,
        Status.UNPUBLISHED,
        Optional.of(Long.MAX_VALUE - i),
        octets(20, i));
  }

  private interface Watch {
    void saw(StatementContext context, String sql) throws SQLException;
  }

  private void watch(Watch watch) {
    store
        .jdbi()
        .setSqlLogger(
            new SqlLogger() {
              @Override
              public void logBeforeExecution(StatementContext context) {
                try {
                  watch.saw(context, context.getParsedSql().getSql());
                } catch (SQLException failed) {
                  throw new IllegalStateException(failed);
                }
              }
            });
  }

  /** What H2 says of a statement that is about to run, with what is bound to it. */
  @SuppressWarnings("removal") // There is no other way to what is bound.
  private static String explain(String how, StatementContext context) throws SQLException {
    var parsed = context.getParsedSql();
    var parameters = parsed.getParameters();
    try (var statement = context.getConnection().prepareStatement(how + parsed.getSql())) {
      for (int i = 0; i < parameters.getParameterCount(); i++) {
        var argument =
            parameters.isPositional()
                ? context.getBinding().findForPosition(i)
                : context.getBinding().findForName(parameters.getParameterNames().get(i), context);
        argument.orElseThrow().apply(i + 1, statement, context);
      }
      try (var plan = statement.executeQuery()) {
        plan.next();
        return plan.getString(1);
      }
    }
  }

  private static int sum(String plan) {
    return SCANS.matcher(plan).results().mapToInt(found -> Integer.parseInt(found.group(1))).sum();
  }

  private static IdentityUpdate update() {
    return IdentityUpdate.newBuilder().setInboxId("x").build();
  }

  private static Key key(int i) {
    return new Key(InstallationId.of(octets(32, i)), GroupId.of(octets(16, i)));
  }

  private static InboxId inbox(int i) {
    return new InboxId(String.format("%064x", i));
  }

  private static byte[] octets(int length, int value) {
    var octets = ByteBuffer.allocate(Math.max(4, length)).putInt(value).array();
    return java.util.Arrays.copyOf(octets, length);
  }
}
