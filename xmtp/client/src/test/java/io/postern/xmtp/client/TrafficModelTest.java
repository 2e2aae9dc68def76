package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.postern.interop.EachDatabase;
import io.postern.interop.OnEachDatabase;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.store.MessageStore;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Several clients write to each other over a network that loses, delays and repeats, while
 * processes die before and after their requests and people get new devices. In the end everybody
 * has every message once, all agree on every epoch, and no ratchet generation was spent twice.
 *
 * <p>How many seeds says {@code postern.model.seeds}, the first one {@code postern.model.seed}.
 */
@OnEachDatabase
class TrafficModelTest {
  private static final int STEPS = 120;
  private static final int SEEDS = Integer.getInteger("postern.model.seeds", 50);
  private static final long FIRST_SEED = Long.getLong("postern.model.seed", 1);

  /** What is tried is the client; that PostgreSQL keeps what it is given needs fewer. */
  private static final int SEEDS_ON_POSTGRES = 6;

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Deque<Runnable> deliveries = new ArrayDeque<>();
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, deliveries::add);
  private final List<TestClient> clients = new ArrayList<>();
  private final List<Inbox> inboxes = new ArrayList<>();
  private final List<WalletKey> wallets = new ArrayList<>();
  private final Map<Integer, List<Sent>> sent = new HashMap<>();
  private int founders;

  /** A message, who wrote it, and to whom. */
  private record Sent(int from, int to, MessageId id) {}

  static Stream<Long> seeds() {
    int count = EachDatabase.isPostgres() ? Math.min(SEEDS, SEEDS_ON_POSTGRES) : SEEDS;
    return LongStream.range(FIRST_SEED, FIRST_SEED + count).boxed();
  }

  @BeforeEach
  void listen() {
    var logger = (Logger) LoggerFactory.getLogger(GroupSync.class);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void closeAll() {
    var logger = (Logger) LoggerFactory.getLogger(GroupSync.class);
    logger.detachAppender(logged);
    logger.setAdditive(true);
    logger.setLevel(null);
    clients.forEach(TestClient::close);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everybodyHasEveryMessageOnce(long seed) throws Exception {
    System.out.println("postern.model.seed=" + seed);
    var random = new SplittableRandom(seed);
    founders = 2 + random.nextInt(2);
    for (int i = 0; i < founders; i++) {
      join(WalletKey.generate(new SecureRandom()));
    }

    for (int step = 0; step < STEPS; step++) {
      step(random);
    }
    settle();

    for (int reader = 0; reader < founders; reader++) {
      hasAll(reader);
    }
    agreeOnEpochs();
    assertThat(logged.list.stream().map(ILoggingEvent::getFormattedMessage))
        .noneMatch(line -> line.contains("generation"));
  }

  private void join(WalletKey wallet) throws Exception {
    var client = new TestClient(network, clock, folder.resolve("client" + clients.size()));
    clients.add(client);
    client.client.start();
    wallets.add(wallet);
    inboxes.add(client.register(wallet));
  }

  private void step(SplittableRandom random) throws Exception {
    int who = random.nextInt(clients.size());
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> write(who, random);
      case 4, 5 -> deliverSome(random);
      case 6 -> {
        clock.advance(Duration.ofMillis(random.nextInt(20_000)));
        runDue();
      }
      case 7 -> clients.get(who).link.plan(trouble(random.split(), random.nextInt(60)));
      case 8 -> clients.get(who).link.heal();
      default -> rare(who, random);
    }
  }

  private void rare(int who, SplittableRandom random) throws Exception {
    switch (random.nextInt(4)) {
      case 0 -> {
        if (clients.size() < 5) {
          join(wallets.get(who)); // Somebody gets a new device.
        }
      }
      case 1 -> network.endStreams();
      case 2 -> restart(who);
      default -> clients.get(who).link.plan(method -> Fate.REQUEST_LOST);
    }
  }

  private static java.util.function.Function<String, Fate> trouble(
      SplittableRandom random, int percent) {
    return method -> {
      if (random.nextInt(100) >= percent) {
        return Fate.WELL;
      }
      boolean sends = method.startsWith("send");
      return switch (random.nextInt(sends ? 5 : 3)) {
        case 0 -> Fate.REQUEST_LOST;
        case 1 -> Fate.REPLY_LOST;
        case 2 -> Fate.ODD;
        case 3 -> Fate.CRASH_BEFORE;
        default -> Fate.CRASH_AFTER;
      };
    };
  }

  private void write(int who, SplittableRandom random) {
    int to = random.nextInt(founders);
    if (inboxes.get(to).id().equals(inboxes.get(who).id())) {
      return;
    }
    mortally(
        who,
        () -> {
          var conversation = inboxes.get(who).dm(inboxes.get(to).id());
          int burst = 1 + random.nextInt(3);
          for (int i = 0; i < burst; i++) {
            var text = TestClient.text(who + " to " + to + " " + random.nextLong());
            var id =
                clients.get(who).store.jdbi().inTransaction(h -> conversation.enqueue(h, text));
            sent.computeIfAbsent(to, t -> new ArrayList<>()).add(new Sent(who, to, id));
          }
          conversation.publishNow();
        });
  }

  private interface Deed {
    void run() throws XmtpException;
  }

  /** Failures are what this is about; a death is followed by a new life. */
  private void mortally(int who, Deed deed) {
    try {
      deed.run();
    } catch (XmtpException failed) {
      assertThat(failed.isRetryable()).as(failed.getMessage()).isTrue();
    } catch (TestLink.Crash crash) {
      restart(who);
    }
  }

  private void restart(int who) {
    var client = clients.get(who);
    client.restart();
    inboxes.set(who, client.client.inbox(inboxes.get(who).installation()).orElseThrow());
  }

  private void deliverSome(SplittableRandom random) {
    int count = random.nextInt(deliveries.size() + 1);
    for (int i = 0; i < count && !deliveries.isEmpty(); i++) {
      deliver();
    }
  }

  private void deliver() {
    try {
      deliveries.remove().run();
    } catch (TestLink.Crash crash) {
      restartTheDead();
    }
  }

  private void runDue() {
    clients.forEach(client -> client.scheduler.runDue());
    restartTheDead(); // A scheduler keeps what its tasks throw.
  }

  private void restartTheDead() {
    for (int i = 0; i < clients.size(); i++) {
      if (clients.get(i).link.isDead()) {
        restart(i);
      }
    }
  }

  /** The network is well again: everything comes to its end. */
  private void settle() throws Exception {
    restartTheDead();
    clients.forEach(client -> client.link.heal());
    for (int round = 0; round < 40; round++) {
      clock.advance(Duration.ofMinutes(1));
      runDue();
      while (!deliveries.isEmpty()) {
        deliver();
      }
    }
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).client.catchUp();
    }
    while (!deliveries.isEmpty()) {
      deliver();
    }
    runDue();
  }

  private void hasAll(int reader) {
    var self = inboxes.get(reader).id();
    for (var message : sent.getOrDefault(reader, List.of())) {
      var writer = inboxes.get(message.from()).id();
      // A message of a later device is in a group only since the device was let in.
      assertThat(conversation(reader, writer))
          .as("messages of %s at %s", writer, self)
          .extracting(Message::id)
          .containsOnlyOnce(message.id());
      var own =
          clients
              .get(message.from())
              .client
              .message(inboxes.get(message.from()).installation(), message.id());
      assertThat(own).hasValueSatisfying(m -> assertThat(m.status()).isEqualTo(Status.PUBLISHED));
    }
  }

  private List<Message> conversation(int reader, InboxId peer) {
    var found = inboxes.get(reader).findDm(peer).orElseThrow();
    return found.messages(10_000).stream()
        .filter(message -> message.kind() == MessageStore.Kind.APPLICATION)
        .toList();
  }

  private void agreeOnEpochs() {
    var authenticators = new HashMap<String, String>();
    var epochs = new HashMap<String, Long>();
    for (var client : clients) {
      client
          .store
          .jdbi()
          .useHandle(
              handle -> {
                handle
                    .createQuery(
                        "select group_id, epoch, authenticator from commit_log where result = 1")
                    .map(
                        (row, context) ->
                            Map.entry(
                                HexFormat.of().formatHex(row.getBytes(1)) + " " + row.getLong(2),
                                HexFormat.of().formatHex(row.getBytes(3))))
                    .list()
                    .forEach(
                        entry ->
                            assertThat(
                                    authenticators.merge(
                                        entry.getKey(), entry.getValue(), (a, b) -> a))
                                .as("authenticator of %s", entry.getKey())
                                .isEqualTo(entry.getValue()));
                handle
                    .createQuery("select group_id, epoch, maybe_forked from mls_group where active")
                    .map(
                        (row, context) -> {
                          assertThat(row.getBoolean(3)).as("forked").isFalse();
                          return Map.entry(
                              HexFormat.of().formatHex(row.getBytes(1)), row.getLong(2));
                        })
                    .list()
                    .forEach(
                        entry ->
                            assertThat(epochs.merge(entry.getKey(), entry.getValue(), (a, b) -> a))
                                .as("epoch of %s", entry.getKey())
                                .isEqualTo(entry.getValue()));
              });
    }
  }
}
