package io.postern.bridge;

import io.postern.mapping.Peer;
import io.postern.xmtp.client.XmtpClient;
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

  private final XmtpClient client;
  private final ExecutorService executor;
  private final InstantSource clock;
  private final Map<Peer, Remembered> remembered =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Peer, Remembered> eldest) {
          return size() > REMEMBERED;
        }
      };

  Peers(XmtpClient client, ExecutorService executor, InstantSource clock) {
    this.client = client;
    this.executor = executor;
    this.clock = clock;
  }

  /** What the network says of a peer. */
  sealed interface Answer {
    /** An inbox with an installation that can be written to. */
    record Reached(InboxId inbox) implements Answer {}

    /** Nobody, and why. */
    record Nobody(String why) implements Answer {}

    /** The network cannot say now. */
    record NotNow(String why) implements Answer {}
  }

  private record Remembered(Answer answer, Instant until) {}

  /** Asks, at most for a bounded time. */
  Answer find(Peer peer) {
    synchronized (remembered) {
      var known = remembered.get(peer);
      if (known != null && known.until().isAfter(clock.instant())) {
        return known.answer();
      }
    }
    var asked = executor.submit(() -> ask(peer));
    Answer answer;
    try {
      answer = asked.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      asked.cancel(true);
      return new Answer.NotNow("the XMTP network did not answer in time");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return new Answer.NotNow("the server is stopping");
    } catch (ExecutionException bug) {
      log.error("a look-up failed peer={}", peer, bug.getCause());
      return new Answer.NotNow("an internal trouble");
    }
    if (!(answer instanceof Answer.NotNow)) {
      var keep = answer instanceof Answer.Reached ? KEEP_REACHED : KEEP_NOBODY;
      synchronized (remembered) {
        remembered.put(peer, new Remembered(answer, clock.instant().plus(keep)));
      }
    }
    return answer;
  }

  /** The wallets of an inbox in the order they joined; the first names its address. */
  List<EthereumAddress> wallets(InboxId inbox) throws XmtpException {
    return client.state(inbox).identifiers().stream()
        .flatMap(identifier -> address(identifier.text()).stream())
        .toList();
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
        inbox = client.find(byAddress.address());
        if (inbox.isEmpty()) {
          return new Answer.Nobody("the wallet " + byAddress.address() + " has no XMTP inbox");
        }
      } else {
        inbox = Optional.of(((Peer.ByInboxId) peer).inbox());
      }
      return client.isReachable(inbox.get())
          ? new Answer.Reached(inbox.get())
          : new Answer.Nobody(
              "the XMTP inbox " + inbox.get() + " has no device that could be written to");
    } catch (XmtpException failed) {
      return failed.isRetryable()
          ? new Answer.NotNow("the XMTP network cannot be asked: " + failed.getMessage())
          : new Answer.Nobody(failed.getMessage());
    }
  }
}
