package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.bridge.Peers.Answer;
import io.postern.interop.OnEachDatabase;
import io.postern.mapping.Peer;
import io.postern.xmtp.client.NetworkDirectory;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@OnEachDatabase
class PeersTest {
  private static final EthereumAddress WALLET =
      new EthereumAddress("0x1a642f0e3c3af545e7acbd38b07251b3990914f1");
  private static final Peer PEER = new Peer.ByAddress(WALLET);
  private static final InboxId ONE = new InboxId("1".repeat(64));
  private static final InboxId TWO = new InboxId("2".repeat(64));

  private final TestClock clock = new TestClock();
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private TestStore store;
  private Map<EthereumAddress, InboxId> known = Map.of();
  private boolean away;
  private NodeException.Kind failure = NodeException.Kind.UNREACHABLE;
  private boolean stuck;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
  }

  @AfterEach
  void close() {
    store.close();
    executor.shutdownNow();
  }

  private Peers peers(Duration patience) {
    return new Peers(store.client(network()), executor, patience, clock);
  }

  private Peers peers() {
    return peers(Duration.ofSeconds(30));
  }

  /** It knows wallets; nobody has a device. */
  private Node network() {
    return (Node)
        Proxy.newProxyInstance(
            Node.class.getClassLoader(),
            new Class<?>[] {Node.class},
            (proxy, method, arguments) -> {
              asked.incrementAndGet();
              if (stuck) {
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException cancelled) {
                  interrupted.countDown();
                }
              }
              if (away || stuck) {
                throw new NodeException(failure, "no route");
              }
              return method.getName().equals("inboxIds") ? known : Map.of();
            });
  }

  @Test
  void aWalletWithoutInboxIsNobodyAndIsAskedAboutOnceAMinute() {
    var peers = peers();

    assertThat(peers.find(PEER))
        .isInstanceOfSatisfying(
            Answer.Nobody.class, nobody -> assertThat(nobody.why()).contains("no XMTP inbox"));
    int first = asked.get();
    peers.find(PEER);
    assertThat(asked).hasValue(first);
    clock.goOn(Duration.ofMinutes(2));
    peers.find(PEER);
    assertThat(asked.get()).isGreaterThan(first);
  }

  @Test
  void thatTheNetworkIsAwayIsNeverRemembered() {
    var peers = peers();
    away = true;
    assertThat(peers.find(PEER)).isInstanceOf(Answer.NotNow.class);

    away = false;

    assertThat(peers.find(PEER)).isInstanceOf(Answer.Nobody.class);
  }

  @Test
  void aTroubleWithOnePeerIsNotTakenForANetworkThatIsAway() {
    away = true;
    assertThat(peers().find(PEER))
        .isInstanceOfSatisfying(
            Answer.NotNow.class, notNow -> assertThat(notNow.networkAway()).isTrue());

    failure = NodeException.Kind.TROUBLED;

    assertThat(peers().find(PEER))
        .isInstanceOfSatisfying(
            Answer.NotNow.class, notNow -> assertThat(notNow.networkAway()).isFalse());
  }

  @Test
  void aWalletThatMovesToAnotherInboxIsFoundThere() {
    var peers = peers();
    known = Map.of(WALLET, ONE);
    assertThat(((Answer.Nobody) peers.find(PEER)).why()).contains(ONE.toString());

    known = Map.of(WALLET, TWO);
    clock.goOn(Duration.ofMinutes(11));

    assertThat(((Answer.Nobody) peers.find(PEER)).why()).contains(TWO.toString());
  }

  /** So who stands by refuses what the one that carries refuses. */
  @Test
  void theNetworkItselfAnswersAsAClientDoes() {
    for (var situation :
        List.<Runnable>of(
            () -> known = Map.of(),
            () -> known = Map.of(WALLET, ONE),
            () -> away = true,
            () -> failure = NodeException.Kind.TROUBLED)) {
      situation.run();
      var itself = new Peers(new NetworkDirectory(network(), clock), executor, clock);

      assertThat(itself.find(PEER)).isEqualTo(peers().find(PEER));
    }
  }

  @Test
  void aNetworkThatDoesNotAnswerCostsABoundedTimeAndIsLeftAlone() throws Exception {
    stuck = true;

    assertThat(peers(Duration.ofMillis(100)).find(PEER))
        .isInstanceOfSatisfying(
            Answer.NotNow.class, notNow -> assertThat(notNow.why()).contains("in time"));

    assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aStoppedDaemonSaysNotNow() {
    executor.shutdown();

    assertThat(peers().find(PEER)).isInstanceOf(Answer.NotNow.class);
  }

  @Test
  void aLookUpThatIsInterruptedSaysNotNowAndKeepsTheFlag() {
    stuck = true;
    Thread.currentThread().interrupt();

    assertThat(peers().find(PEER)).isInstanceOf(Answer.NotNow.class);

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void walletsOfAnInboxThatIsNotKnownWaitForTheNetwork() {
    away = true;

    assertThatThrownBy(() -> peers().wallets(ONE))
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isTrue());
  }

  @Test
  void walletsThatWereKnownBeforeCountWhileTheNetworkIsAway() throws Exception {
    var peers = peers();
    assertThat(peers.wallets(ONE)).isEmpty();
    int first = asked.get();
    assertThat(peers.wallets(ONE)).isEmpty();
    assertThat(asked).hasValue(first);

    away = true;
    clock.goOn(Duration.ofDays(1));

    assertThat(peers.wallets(ONE)).isEmpty();
    assertThat(asked.get()).isGreaterThan(first);
  }
}
