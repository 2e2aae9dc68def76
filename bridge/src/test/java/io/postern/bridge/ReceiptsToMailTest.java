package io.postern.bridge;

import static io.postern.bridge.CarriedMail.ALICE;
import static io.postern.bridge.CarriedMail.BOB;
import static io.postern.bridge.CarriedMail.DOMAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.ConversationId;
import io.postern.mapping.ReceiptRequest;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.mapping.ThreadIds;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.MessageStore.Kind;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.MessageStore.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which authors are told that their mail was displayed, and which are not. */
@OnEachDatabase
class ReceiptsToMailTest {
  private static final String ASKS = "Disposition-Notification-To: <" + BOB + ">";
  private static final InboxId PEER = new InboxId("a".repeat(64));
  private static final ConversationId CONVERSATION =
      ConversationId.ofDm(new InboxId("b".repeat(64)), PEER);

  @TempDir Path folder;
  private CarriedMail world;
  private ReceiptsToMail receipts;

  @BeforeEach
  void open() throws Exception {
    world = new CarriedMail(folder);
    receipts = receipts(true);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  private ReceiptsToMail receipts(boolean on) {
    return new ReceiptsToMail(
        world.store.store(),
        world.senderReports,
        new ThreadIds(List.of(DOMAIN)),
        DOMAIN,
        on,
        world.clock);
  }

  private void mail(String... fields) throws Exception {
    mail(Envelope.of(BOB, List.of(ALICE)), fields);
  }

  private void mail(Envelope envelope, String... fields) throws Exception {
    var id = world.arrive(envelope, "a mail", fields);
    for (var spooled : world.spool.due(Instant.MAX, 1000)) {
      if (spooled.id().toString().equals(id)) {
        try (var arrival = world.arrivals.read(spooled)) {
          world
              .store
              .jdbi()
              .useTransaction(
                  handle ->
                      receipts.asked(
                          handle, arrival, ALICE, CONVERSATION, List.of("c".repeat(64))));
        }
      }
    }
    world.clock.goOn(Duration.ofMinutes(1));
  }

  private Optional<ReceiptRequest> read(Instant at) {
    var installation = InstallationId.of(new byte[32]);
    var receipt =
        new Message(
            installation,
            MessageId.parse("d".repeat(64)).orElseThrow(),
            GroupId.parse("e".repeat(32)),
            1,
            at.getEpochSecond() * 1_000_000_000L + at.getNano(),
            PEER,
            installation,
            Kind.APPLICATION,
            Status.PUBLISHED,
            Optional.empty(),
            new byte[0]);
    return world
        .store
        .jdbi()
        .inTransaction(handle -> receipts.read(handle, receipt, CONVERSATION, BOB));
  }

  private Optional<ReceiptRequest> read() {
    return read(world.clock.instant());
  }

  @Test
  void theReceiptIsWrittenAsRfc8098SaysAndLeavesFromTheNullSender() throws Exception {
    mail(ASKS, "Message-ID: <One@example.org>");

    receipts.send(read().orElseThrow());
    world.senderReports.turn();

    var mail = MailReader.read(world.sent.get(0));
    assertThat(mail.from().get(0).mailbox()).isEqualTo(ALICE);
    assertThat(mail.to().get(0).mailbox()).isEqualTo(BOB);
    assertThat(mail.automaticReply()).isTrue();
    assertThat(mail.receipt().orElseThrow().displayed()).isTrue();
    assertThat(mail.receipt().orElseThrow().finalRecipient()).isEqualTo(ALICE.toString());
    assertThat(mail.receipt().orElseThrow().original().orElseThrow().asWritten())
        .isEqualTo("<One@example.org>");
    assertThat(world.sent).hasSize(1);
  }

  @Test
  void onlyTheNewestIsReportedAndNoneTwice() throws Exception {
    mail(ASKS, "Message-ID: <1@example.org>");
    mail(ASKS, "Message-ID: <2@example.org>");

    assertThat(read().orElseThrow().mailId().orElseThrow().value()).isEqualTo("<2@example.org>");
    assertThat(read()).isEmpty();
  }

  @Test
  void whatCameAfterTheReceiptIsReportedByTheNextOne() throws Exception {
    mail(ASKS, "Message-ID: <1@example.org>");
    var between = world.clock.instant().minusSeconds(1);
    mail(ASKS, "Message-ID: <2@example.org>");

    assertThat(read(between).orElseThrow().mailId().orElseThrow().value())
        .isEqualTo("<1@example.org>");
    assertThat(read(between)).isEmpty();
    assertThat(read().orElseThrow().mailId().orElseThrow().value()).isEqualTo("<2@example.org>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "List-Id: <talk.example.org>",
        "Disposition-Notification-To: <bob@example.org>",
        "Disposition-Notification-Options: x=required,1",
        "Message-ID: <\u00e9@example.org>"
      })
  void noReceiptForAMailThatHasThisFieldToo(String field) throws Exception {
    mail(ASKS, field);

    assertThat(read()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Other: nothing is asked",
        "Disposition-Notification-To: <victim@example.net>",
        "Disposition-Notification-To: <Bob@example.org>",
        "Disposition-Notification-To: <bob@example.org>, <victim@example.net>",
        "Disposition-Notification-To: nobody"
      })
  void noReceiptUnlessOneAddressThatIsTheReturnPathAsks(String field) throws Exception {
    mail(field);

    assertThat(read()).isEmpty();
  }

  @Test
  void noReceiptToTheNullSender() throws Exception {
    mail(Envelope.fromNobody(List.of(ALICE)), ASKS);

    assertThat(read()).isEmpty();
  }

  @Test
  void noReceiptToAReturnPathThatMayBeForged() throws Exception {
    world.verdict = Verdict.none();
    mail(ASKS);

    assertThat(read()).isEmpty();
  }

  @Test
  void noReceiptToADomainOfTheBridge() throws Exception {
    var path = new Mailbox("b-" + "0".repeat(32), DOMAIN);
    mail(Envelope.of(path, List.of(ALICE)), "Disposition-Notification-To: <" + path + ">");

    assertThat(read()).isEmpty();
  }

  @Test
  void noReceiptToWhoeverIsNotToBeMailed() throws Exception {
    mail(ASKS);
    new SuppressionList(world.store.jdbi())
        .add(
            new Suppression(
                BOB, Optional.of(PEER), Suppression.Reason.BLOCKED, "no", world.clock.instant()));

    assertThat(read()).isEmpty();
  }

  @Test
  void noReceiptWhereTheyAreOff() throws Exception {
    receipts = receipts(false);
    mail(ASKS);
    receipts = receipts(true);

    assertThat(read()).isEmpty();
  }

  @Test
  void aReceiptOutlivesAMailServerThatIsAway() throws Exception {
    world.ofReports = new Delivery.Deferred("4.4.1", "no route");
    mail(ASKS);
    receipts.send(read().orElseThrow());
    world.senderReports.turn();
    assertThat(world.sent).isEmpty();

    world.ofReports = CarriedMail.DELIVERED;
    world.clock.goOn(Duration.ofHours(1));
    world.senderReports.turn();

    assertThat(world.sent).hasSize(1);
  }
}
