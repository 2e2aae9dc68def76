package io.postern.bridge;

import io.postern.mapping.Peer;
import io.postern.xmtp.client.Directory;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who stands behind a peer's address: asked of the network, remembered for a while, and bounded in
 * time, so that an SMTP session never waits for a network that is away. Used by several threads.
 */
final class Peers {
  private static final Logger log = LoggerFactory.getLogger(Peers.class);

  private static final Duration KEEP_REACHED = Duration.ofMinutes(10);
  private static final Duration KEEP_NOBODY = Duration.ofMinutes(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final int REMEMBERED = 50_000;

  private final Directory directory;
  private final ExecutorService executor;
  private final Duration patience;
  private final InstantSource clock;
  private final Map<Peer, Remembered<Answer>> remembered = new Eldest<>();
  private final Map<InboxId, Remembered<List<EthereumAddress>>> wallets = new Eldest<>();

  Peers(Directory directory, ExecutorService executor, InstantSource clock) {
    this(directory, executor, LONGEST_WAIT, clock);
  }

  /**
   * @param patience how long the network may take to answer
   */
  Peers(Directory directory, ExecutorService executor, Duration patience, InstantSource clock) {
    this.directory = directory;
    this.executor = executor;
    this.patience = patience;
    this.clock = clock;
  }

  /** What was learned last; the eldest goes first. */
  private static final class Eldest<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }

  /** What the network says of a peer. */
  sealed interface Answer {
    /** An inbox with an installation that can be written to. */
    record Reached(InboxId inbox) implements Answer {}

    /** Nobody, and why. */
    record Nobody(String why) implements Answer {}

    /**
     * It cannot be said now.
     *
     * @param networkAway whether the network as a whole does not answer
     */
    record NotNow(String why, boolean networkAway) implements Answer {}
  }

  private record Remembered<T>(T value, Instant until) {}

  /** Asks, at most for a bounded time. What the network could not say is not remembered. */
  Answer find(Peer peer) {
    var known = recall(remembered, peer);
    if (known.isPresent() && known.get().until().isAfter(clock.instant())) {
      return known.get().value();
    }
    var answer = askInTime(peer);
    if (!(answer instanceof Answer.NotNow)) {
      remember(
          remembered, peer, answer, answer instanceof Answer.Reached ? KEEP_REACHED : KEEP_NOBODY);
    }
    return answer;
  }

  private Answer askInTime(Peer peer) {
    Future<Answer> asked;
    try {
      asked = executor.submit(() -> ask(peer));
    } catch (RejectedExecutionException stopped) {
      return new Answer.NotNow("the server is stopping", true);
    }
    try {
      return asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      asked.cancel(true);
      return new Answer.NotNow("the XMTP network did not answer in time", true);
    } catch (InterruptedException stopped) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      return new Answer.NotNow("the server is stopping", true);
    } catch (ExecutionException bug) {
      log.error("a look-up failed peer={}", peer, bug.getCause());
      return new Answer.NotNow("an internal trouble", false);
    }
  }

  /**
   * The wallets of an inbox in the order they joined; the first names its address. While the
   * network is away, what was known before counts.
   *
   * @return empty if the inbox has none, or its identity log cannot be read by us
   * @throws XmtpException if the network cannot be asked and nothing is known
   */
  List<EthereumAddress> wallets(InboxId inbox) throws XmtpException {
    var known = recall(wallets, inbox);
    if (known.isPresent() && known.get().until().isAfter(clock.instant())) {
      return known.get().value();
    }
    List<EthereumAddress> now;
    try {
      now =
          directory.state(inbox).identifiers().stream()
              .flatMap(identifier -> address(identifier.text()).stream())
              .toList();
    } catch (XmtpException failed) {
      if (known.isPresent()) {
        return known.get().value();
      }
      if (failed.isRetryable()) {
        throw failed;
      }
      log.warn("inbox={} goes by its id reason={}", inbox, failed.getMessage());
      now = List.of();
    }
    remember(wallets, inbox, now, KEEP_REACHED);
    return now;
  }

  private static <K, T> Optional<Remembered<T>> recall(Map<K, Remembered<T>> memory, K key) {
    synchronized (memory) {
      return Optional.ofNullable(memory.get(key));
    }
  }

  private <K, T> void remember(Map<K, Remembered<T>> memory, K key, T value, Duration keep) {
    synchronized (memory) {
      memory.remove(key); // So that it counts as the youngest again.
      memory.put(key, new Remembered<>(value, clock.instant().plus(keep)));
    }
  }

  private static Optional<EthereumAddress> address(String text) {
    try {
      return Optional.of(new EthereumAddress(text));
    } catch (IllegalArgumentException passkeyOrOdd) {
      return Optional.empty();
    }
  }

  private Answer ask(Peer peer) {
    try {
      Optional<InboxId> inbox;
      if (peer instanceof Peer.ByAddress byAddress) {
        inbox = directory.find(byAddress.address());
        if (inbox.isEmpty()) {
          return new Answer.Nobody("the wallet " + byAddress.address() + " has no XMTP inbox");
        }
      } else {
        inbox = Optional.of(((Peer.ByInboxId) peer).inbox());
      }
      return directory.isReachable(inbox.get())
          ? new Answer.Reached(inbox.get())
          : new Answer.Nobody(
              "the XMTP inbox " + inbox.get() + " has no device that could be written to");
    } catch (XmtpException failed) {
      return failed.isRetryable()
          ? new Answer.NotNow(
              "the XMTP network cannot be asked: " + failed.getMessage(), failed.isNetworkAway())
          : new Answer.Nobody(failed.getMessage());
    }
  }
}
