package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.Dns;
import io.postern.mail.auth.Spf;
import io.postern.mapping.BindingStore;
import io.postern.mapping.GreylistStore;
import io.postern.mapping.GreylistStore.Meeting;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.SmtpReply;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Lets strangers come a second time: a mail server does, most programs that send spam do not. RFC
 * 6647 §2.3: by the client's network, the reverse-path and the recipient. Used by several threads.
 *
 * <p>Not delayed: the null sender, because reports are sent once by many; people who have an inbox;
 * clients that SPF lets send for a domain for which one has waited before; networks of our own.
 */
final class Greylist implements ClientCheck {
  private static final Duration DELAY = Duration.ofMinutes(5);
  private static final int IPV6_BITS = 64;
  private static final Duration KEEP_SPF = Duration.ofMinutes(5);

  /** Pairs that are met between two expiries; what is beyond is let in: a flood fills no disk. */
  private static final int MAX_NEW = 20_000;

  /** The same of one network, so that it cannot use up what is for all; it is put off longer. */
  private static final int MAX_NEW_OF_NETWORK = 500;

  private final GreylistStore store;
  private final BindingStore bindings;
  private final Predicate<InetAddress> strangers;
  private final Dns dns;
  private final String hostname;
  private final InstantSource clock;
  private final Memo<String, Boolean> spf;
  private final AtomicInteger met = new AtomicInteger();
  private final Map<String, Integer> metOf = new ConcurrentHashMap<>();

  /**
   * @param strangers clients that have to wait
   * @param hostname our own, for SPF
   */
  Greylist(
      GreylistStore store,
      BindingStore bindings,
      Predicate<InetAddress> strangers,
      Dns dns,
      String hostname,
      InstantSource clock) {
    this.store = store;
    this.bindings = bindings;
    this.strangers = strangers;
    this.dns = dns;
    this.hostname = hostname;
    this.clock = clock;
    this.spf = new Memo<>(clock);
  }

  @Override
  public Optional<SmtpReply> check(Attempt attempt) {
    if (attempt.reversePath().isEmpty() || !strangers.test(attempt.client())) {
      return Optional.empty();
    }
    var sender = attempt.reversePath().get().canonical();
    var network = ClientNetwork.of(attempt.client(), IPV6_BITS);
    var pair = "from " + network + " by " + sender + " to " + attempt.recipient().canonical();
    var now = clock.instant();
    if (store.knows(pair, now) || bindings.find(sender).isPresent()) {
      return Optional.empty();
    }
    var domain = "domain " + sender.domain();
    if (store.knows(domain, now) && maySpeak(attempt, sender)) {
      return Optional.empty();
    }
    boolean full = met.get() >= MAX_NEW;
    boolean mayInsert = !full && metOf.getOrDefault(network, 0) < MAX_NEW_OF_NETWORK;
    // Asked in any case: whoever has waited is not put off because others came since.
    var meeting = store.meet(pair, DELAY, now, mayInsert);
    if (meeting == Meeting.NEW) {
      met.incrementAndGet();
      metOf.merge(network, 1, Integer::sum);
    }
    if (meeting == Meeting.PASSED && maySpeak(attempt, sender)) {
      store.add(domain, now);
    }
    return switch (meeting) {
      case KNOWN, PASSED -> Optional.empty();
      case NEW, WAITS -> Optional.of(later());
      case BARRED -> full ? Optional.empty() : Optional.of(later());
    };
  }

  private static SmtpReply later() {
    return SmtpReply.of(
        450,
        "4.7.1",
        "Greylisted, because we do not know each other yet; try again in "
            + DELAY.toMinutes()
            + " minutes");
  }

  /** Whether SPF lets the client send for the domain of the reverse-path. */
  private boolean maySpeak(Attempt attempt, Mailbox sender) {
    var key = attempt.client().getHostAddress() + " " + attempt.helo() + " " + sender;
    var known = spf.recall(key);
    if (known.isPresent()) {
      return known.get();
    }
    boolean passed =
        new Spf(new MailDns(dns, clock), hostname)
            .mailFrom(attempt.client(), attempt.helo(), sender.toString(), clock.instant())
            .passed();
    spf.remember(key, passed, KEEP_SPF);
    return passed;
  }

  /** Forgets who did not come again. */
  void expire() {
    store.expire(clock.instant());
    met.set(0);
    metOf.clear();
  }
}
