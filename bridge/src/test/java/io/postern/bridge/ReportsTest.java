package io.postern.bridge;

import static io.postern.bridge.CarriedMail.BOB;
import static io.postern.bridge.CarriedMail.DOMAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.AcceptedMail;
import io.postern.mail.DeliveryReport;
import io.postern.mail.Envelope;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.Bundle;
import io.postern.mapping.BundleStore;
import io.postern.mapping.ClosedMail;
import io.postern.mapping.ConversationId;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.OutboxState;
import io.postern.mapping.Quiet;
import io.postern.mapping.ThreadIds;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports that come before what they are about is known here. */
@OnEachDatabase
class ReportsTest {
  private static final String MESSAGE = "7".repeat(64);
  private static final InstallationId INSTALLATION = InstallationId.of(new byte[32]);
  private static final Mailbox PATH = new Mailbox("b-" + "a".repeat(32), DOMAIN);

  @TempDir Path folder;
  private CarriedMail world;
  private BundleStore bundles;
  private long id;

  @BeforeEach
  void open() throws Exception {
    world = new CarriedMail(folder);
    bundles = new BundleStore(world.store.jdbi());
    id = closeMail();
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  @Test
  void aBounceThatIsFasterThanTheNoteOfTheDeliveryIsToldWhenThatIsWritten() throws Exception {
    reported(DeliveryReport.Action.FAILED, "5.2.2");
    world.turn(Duration.ZERO);
    assertThat(bundle().state()).isEqualTo(OutboxState.BUNDLED);
    assertThat(world.spool.size()).isEqualTo(1);
    bundles.delivered(id, "ok", world.clock.instant());

    world.turn(Duration.ofMinutes(1));

    assertThat(bundle().state()).isEqualTo(OutboxState.REFUSED);
    assertThat(bundle().lastStatus()).isEqualTo("5.2.2");
    assertThat(world.spool.size()).isZero();
  }

  @Test
  void aBounceOfAMailThatIsNeverNotedAsDeliveredEndsAfterTenMinutes() throws Exception {
    reported(DeliveryReport.Action.FAILED, "5.2.2");
    world.turn(Duration.ZERO);
    for (int minute = 1; minute <= 9; minute++) {
      world.turn(Duration.ofMinutes(1));
      assertThat(world.spool.size()).isEqualTo(1);
    }

    world.turn(Duration.ofMinutes(1));

    assertThat(world.spool.size()).isZero();
    assertThat(bundle().state()).isEqualTo(OutboxState.BUNDLED);
  }

  @Test
  void aReportOfADelayThatComesEarlyIsKeptUntilADayIsOver() throws Exception {
    bundles.delivered(id, "ok", world.clock.instant());
    reported(DeliveryReport.Action.DELAYED, "4.2.0");
    world.turn(Duration.ofHours(1));
    assertThat(world.spool.nextDue()).contains(bundle().closedAt().plus(OutboxLoop.LATE));

    world.turn(Duration.ofHours(23));

    assertThat(world.spool.size()).isZero();
  }

  @Test
  void ofManyReportsOfADelayOneIsKept() throws Exception {
    bundles.delivered(id, "ok", world.clock.instant());
    for (int i = 0; i < 5; i++) {
      reported(DeliveryReport.Action.DELAYED, "4.2.0");
    }

    world.turn(Duration.ofHours(1));

    assertThat(world.spool.size()).isEqualTo(1);
  }

  @Test
  void theReportOfADelayEndsInItsTimeAlsoIfTheMailHasBouncedMeanwhile() throws Exception {
    bundles.delivered(id, "ok", world.clock.instant());
    reported(DeliveryReport.Action.DELAYED, "4.2.0");
    world.turn(Duration.ofHours(1));
    reported(DeliveryReport.Action.FAILED, "5.2.2");
    world.turn(Duration.ofHours(1));
    assertThat(bundle().state()).isEqualTo(OutboxState.REFUSED);

    world.turn(Duration.ofHours(22));

    assertThat(world.spool.size()).isZero();
  }

  private Bundle bundle() {
    return bundles.byId(id).orElseThrow();
  }

  /** A mail of one message, closed and not yet sent. */
  private long closeMail() {
    var now = world.clock.instant();
    var outbox = new Outbox(world.store.jdbi(), new Quiet(Duration.ZERO));
    var peer = new InboxId("4".repeat(64));
    var conversation = ConversationId.ofGroup("1".repeat(32));
    outbox.add(new OutboxLine(INSTALLATION, MESSAGE, BOB, conversation, peer, now, now, 0));
    world.arrived(INSTALLATION, MESSAGE, BOB, List.of(PATH.toString()));
    var mailId = new ThreadIds(List.of(DOMAIN)).message(MESSAGE);
    var mail = new ClosedMail(mailId, Optional.of(PATH), new byte[] {'x'});
    return outbox.close(outbox.due(now).get(0), mail, now).orElseThrow();
  }

  /** A far server reports of that mail to its return path. */
  private void reported(DeliveryReport.Action action, String status) throws Exception {
    var said =
        new DeliveryReport.RecipientStatus(BOB.toString(), "", action, status, "mailbox is full");
    var report = new DeliveryReport("mx.example.org", "", Optional.empty(), List.of(said));
    var octets =
        report.write(
            new NamedMailbox("", new Mailbox("mailer-daemon", "example.org")),
            PATH,
            world.clock.instant(),
            new MailId("<report@mx.example.org>"),
            "Subject: hello\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    world.spool.accept(
        new AcceptedMail(
            Envelope.fromNobody(List.of(PATH)),
            octets,
            new Received(world.clock.instant(), "127.0.0.1", "", false, Verdict.unchecked())));
  }
}
