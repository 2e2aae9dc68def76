package io.postern.bridge;

import static io.postern.bridge.CarriedMail.ALICE;
import static io.postern.bridge.CarriedMail.BOB;
import static io.postern.bridge.CarriedMail.CAROL;
import static io.postern.bridge.CarriedMail.DAVE;
import static io.postern.bridge.CarriedMail.DELIVERED;
import static io.postern.bridge.CarriedMail.DOMAIN;
import static io.postern.bridge.CarriedMail.ERIN;
import static io.postern.bridge.CarriedMail.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mapping.Journey.Outcome;
import io.postern.out.MailSender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told that a mail did not arrive, and what becomes of the report. */
@OnEachDatabase
class SenderReportsTest {
  @TempDir Path folder;
  private CarriedMail world;

  @BeforeEach
  void open() throws Exception {
    world = new CarriedMail(folder);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  @Test
  void namesInTheReportWhoWasNotReachedAndWhy() throws Exception {
    world.outcomes.put(CAROL, REFUSED);
    world.outcomes.put(DAVE, new Delivery.Refused("5.7.1", "not you"));
    world.arrive(BOB, "one", List.of(ALICE, CAROL, DAVE), "Message-ID: <1@example.org>");

    world.turn(Duration.ZERO);

    var mail = MailReader.read(world.sent.get(0));
    assertThat(world.sent).hasSize(1);
    assertThat(mail.to().get(0).mailbox()).isEqualTo(BOB);
    assertThat(mail.automatic()).isTrue();
    var report = mail.report().orElseThrow();
    assertThat(report.recipients())
        .extracting("recipient", "status")
        .containsExactly(tuple(CAROL.toString(), "5.1.1"), tuple(DAVE.toString(), "5.7.1"));
    assertThat(report.original().orElseThrow().value()).isEqualTo("<1@example.org>");
  }

  @Test
  void aPersonAtTheBridgeDomainIsToldInTheirMailbox() throws Exception {
    world.outcomes.put(ALICE, REFUSED);
    world.arrive(ERIN, "one", List.of(ALICE));

    world.turn(Duration.ZERO);

    assertThat(world.sent).hasSize(1);
    assertThat(MailReader.read(world.sent.get(0)).to().get(0).mailbox()).isEqualTo(ERIN);
  }

  @Test
  void noReportLeavesForAMachineAListNobodyOrADomainOfTheBridge() throws Exception {
    world.outcomes.put(ALICE, REFUSED);
    var ids =
        List.of(
            world.arrive(BOB, "machine", List.of(ALICE), "Auto-Submitted: auto-generated"),
            world.arrive(BOB, "list", List.of(ALICE), "List-Id: <talk.example.org>"),
            world.arrive(BOB, "bulk", List.of(ALICE), "Precedence: bulk"),
            world.arrive(new Mailbox("b-" + "0".repeat(32), DOMAIN), "own", List.of(ALICE)));
    world.arrive(Envelope.fromNobody(List.of(ALICE)), "null sender");

    world.turn(Duration.ZERO);

    assertThat(world.sent).isEmpty();
    assertThat(world.reportSpool.size()).isZero();
    assertThat(world.spool.size()).isZero();
    for (var id : ids) {
      var steps = world.journey(id).steps();
      assertThat(steps.get(steps.size() - 1).words()).contains("its sender is not told");
    }
  }

  @Test
  void aReportOutlivesARestartWhileItsServerIsAway() throws Exception {
    world.outcomes.put(ALICE, REFUSED);
    world.ofReports = new Delivery.Deferred("4.4.1", "no route");
    world.arrive(BOB, "one", List.of(ALICE));
    world.turn(Duration.ZERO);
    assertThat(world.spool.size()).isZero();

    world.stop();
    world.start();
    world.ofReports = DELIVERED;
    world.turn(Duration.ofMinutes(1));
    world.turn(Duration.ofMinutes(1));

    assertThat(world.sent).hasSize(1);
    assertThat(world.reportSpool.size()).isZero();
  }

  @Test
  void aReportThatNobodyTakesEndsWithoutAnother() throws Exception {
    world.outcomes.put(ALICE, REFUSED);
    world.ofReports = new Delivery.Deferred("4.4.1", "no route");
    world.arrive(BOB, "one", List.of(ALICE));

    for (int hours = 0; hours <= 60 && (hours == 0 || world.reportSpool.size() > 0); hours++) {
      world.turn(Duration.ofHours(1));
    }

    assertThat(world.reportSpool.size()).isZero();
    assertThat(world.reportSpool.dead()).isEmpty();
    assertThat(world.spool.size()).isZero();
  }

  @Test
  void theReportAfterACrashHasTheSameId() throws Exception {
    world.outcomes.put(ALICE, REFUSED);
    var id = world.arrive(BOB, "one", List.of(ALICE));
    var spooled = world.spool.due(world.clock.instant(), 1).get(0);
    var failures = List.of(SenderReports.failed(ALICE, "5.1.1", "nobody there"));
    world.senderReports.tell(spooled, failures); // Here the process dies.

    world.turn(Duration.ZERO);

    assertThat(world.outcomes(id)).containsEntry("alice", Outcome.REFUSED);
    assertThat(world.sent).hasSize(2);
    assertThat(MailReader.read(world.sent.get(0)).id())
        .isEqualTo(MailReader.read(world.sent.get(1)).id());
  }

  @Test
  void aServerThatKeepsAReportForLongHoldsUpNoOtherDomains() throws Exception {
    var slow = new Mailbox("eve", "tarpit.example");
    refusedMailFrom(slow);
    refusedMailFrom(slow);
    refusedMailFrom(BOB);
    var letGo = new CountDownLatch(1);
    var begun = new LinkedBlockingQueue<String>();
    MailSender far =
        (envelope, octets) -> {
          var domain = envelope.forwardPaths().get(0).domain();
          begun.add(domain);
          awaitIf(domain.equals(slow.domain()), letGo);
          return DELIVERED;
        };
    var workers = Executors.newCachedThreadPool();
    try (var reports = world.reports(to -> far, workers)) {
      world.clock.goOn(Duration.ofMinutes(1));

      reports.turn();

      await().until(() -> world.reportSpool.size() == 2);
      reports.turn();
      assertThat(begun).containsExactlyInAnyOrder(slow.domain(), BOB.domain());
      letGo.countDown();
      await().until(() -> world.reportSpool.size() == 0);
    } finally {
      letGo.countDown();
      workers.shutdownNow();
    }
  }

  @Test
  void whereNobodyWasReachedOneReportIsTriedForAll() throws Exception {
    world.ofReports = new Delivery.Deferred("4.4.1", "no route").ofRoute();
    var tries = new ArrayList<Mailbox>();
    refusedMailFrom(BOB);
    refusedMailFrom(BOB);
    MailSender far =
        (envelope, octets) -> {
          tries.addAll(envelope.forwardPaths());
          return world.ofReports;
        };
    try (var reports = world.reports(to -> far, Runnable::run)) {
      world.clock.goOn(Duration.ofMinutes(1));

      reports.turn();

      assertThat(tries).hasSize(1);
      assertThat(world.reportSpool.size()).isEqualTo(2);
      assertThat(world.reportSpool.nextDue())
          .hasValueSatisfying(next -> assertThat(next).isAfter(world.clock.instant()));
    }
  }

  private void refusedMailFrom(Mailbox sender) throws Exception {
    world.outcomes.put(ALICE, REFUSED);
    world.arrive(sender, "one", List.of(ALICE));
    world.loop.turn();
  }

  private static void awaitIf(boolean slow, CountDownLatch letGo) {
    try {
      if (slow && !letGo.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody let it go");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
