package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.config.InviteSettings;
import io.postern.mail.Delivery;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mapping.BundleStore;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ConversationId;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.OutboxState;
import io.postern.mapping.Quiet;
import io.postern.out.MailSender;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that holds its connections, and mail for everybody else. */
class SlowDomainTest {
  private static final InstallationId OURS = InstallationId.of(new byte[32]);

  private final TestClock clock = new TestClock();
  private final CountDownLatch tarpit = new CountDownLatch(1);
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private int written;
  private boolean hasRoom = true;
  private TestStore store;
  private Workers workers;
  private OutboxLoop loop;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    workers = Workers.open(1);
    loop =
        new OutboxLoop(
            store.jdbi(),
            Lease.ALL,
            this::sender,
            Mailbox::domain,
            new Notices(store.store(), store.client(TestStore.away()), clock),
            new Admission(store.store(), InviteSettings.CLOSED, clock),
            workers.senders(),
            checkpoint -> {},
            () -> hasRoom,
            clock);
  }

  @AfterEach
  void close() {
    tarpit.countDown();
    loop.close();
    workers.close();
    store.close();
  }

  private MailSender sender(Mailbox to) {
    return (envelope, octets) -> {
      sent.incrementAndGet();
      if (to.domain().endsWith("slow.example")) {
        held.incrementAndGet();
        try {
          tarpit.await();
        } catch (InterruptedException hurried) {
          Thread.currentThread().interrupt();
        }
      }
      return new Delivery.Delivered("250 ok");
    };
  }

  private void write(Mailbox to) {
    var now = clock.instant();
    var message = "%064x".formatted(++written);
    var peer = new InboxId("ab".repeat(32));
    var line =
        new OutboxLine(OURS, message, to, new ConversationId("0".repeat(32)), peer, now, now, 0);
    var outbox = new Outbox(store.jdbi(), new Quiet(Duration.ZERO));
    outbox.add(line);
    outbox.close(
        new OpenBundle(List.of(line), now),
        new ClosedMail(new MailId("<" + written + "@x>"), Optional.empty(), new byte[1]),
        now);
  }

  private long delivered() {
    return new BundleStore(store.jdbi()).count(OutboxState.DELIVERED);
  }

  @Test
  void nothingLeavesThatCouldNotBeNotedOnAFullDisk() throws Exception {
    write(new Mailbox("bob", "fast.example"));
    hasRoom = false;

    loop.turn();
    hasRoom = true;
    var whileFull = sent.get();
    loop.turn();

    assertThat(whileFull).isZero();
    await().until(() -> delivered() == 1);
    assertThat(sent).hasValue(1);
  }

  @Test
  void twentyMailsInATarpitHoldUpNobodyElse() throws Exception {
    for (int i = 0; i < 20; i++) {
      write(new Mailbox("user" + i, "slow.example"));
    }
    write(new Mailbox("bob", "fast.example"));

    loop.turn();

    await().until(() -> delivered() == 1);
    assertThat(held).hasValue(Routes.MAX_AT_ONCE);
  }

  @Test
  void norDoHundredsToDomainsBelowOne() throws Exception {
    for (int i = 0; i < 200; i++) {
      write(new Mailbox("user", "mx" + i + ".slow.example"));
    }
    write(new Mailbox("bob", "fast.example"));

    loop.turn();

    await().until(() -> delivered() == 1);
    await().untilAsserted(() -> assertThat(held).hasValue(Routes.MAX_OF_SHARE));
  }

  @Test
  void whatFoundNoPlaceLeavesWhenThereIsOne() throws Exception {
    for (int i = 0; i < 40; i++) {
      write(new Mailbox("user", "mx" + i + ".slow.example"));
    }
    loop.start();
    await().until(() -> held.get() == Routes.MAX_OF_SHARE);

    tarpit.countDown();

    await().until(() -> delivered() == 40);
  }
}
