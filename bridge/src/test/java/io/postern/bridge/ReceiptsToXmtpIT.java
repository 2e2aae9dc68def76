package io.postern.bridge;

import static io.postern.bridge.Correspondence.BOB;
import static io.postern.bridge.Correspondence.DOMAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Mailbox;
import io.postern.mapping.Quiet;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ReadReceipt;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.store.ConsentStore.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a peer sees that their mail was displayed, and when not. */
class ReceiptsToXmtpIT {
  @TempDir Path folder;
  private Correspondence world;

  @BeforeEach
  void open() throws Exception {
    world = new Correspondence(folder);
    world.carriesReceipts = true;
    world.wire(new Quiet(Duration.ofSeconds(10)));
    world.says("a line");
    world.arrive();
  }

  @AfterEach
  void close() {
    world.close();
  }

  /** What Bob's mail program sends. */
  static String[] notification(String original, String disposition) {
    return notification(original, disposition, "Final-Recipient: rfc822; " + BOB);
  }

  private static String[] notification(String original, String disposition, String recipient) {
    return new String[] {
      "From: <" + BOB + ">",
      "Subject: Displayed",
      "MIME-Version: 1.0",
      "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
      "",
      "--b",
      "",
      "It was shown.",
      "--b",
      "Content-Type: message/disposition-notification",
      "",
      "Reporting-UA: program",
      recipient,
      "Original-Message-ID: " + original,
      "Disposition: manual-action/MDN-sent-manually; " + disposition,
      "",
      "--b--"
    };
  }

  private String arrives(Mailbox path, String original, String disposition) throws Exception {
    return arrives(path, notification(original, disposition));
  }

  private String arrives(Mailbox path, String[] lines) throws Exception {
    var text = String.join("\r\n", lines) + "\r\n";
    return world.reported(path, text.getBytes(StandardCharsets.UTF_8)).words();
  }

  private Mailbox path() {
    return world.envelopes.get(0).reversePath().orElseThrow();
  }

  private String mailId() {
    return world.mails.get(0).id().orElseThrow().asWritten();
  }

  private String displayed() throws Exception {
    return arrives(path(), mailId(), "displayed");
  }

  private long receipts() throws Exception {
    return world.bob.dm(world.alice.inbox().id()).messages(1000).stream()
        .filter(message -> message.sender().equals(world.bob.id()))
        .filter(message -> ContentCodec.decode(message.content()) instanceof ReadReceipt)
        .count();
  }

  @Test
  void thePeerIsToldOnceHoweverOftenTheReceiptComes() throws Exception {
    assertThat(world.mails.get(0).receiptTo()).contains(path());

    assertThat(displayed()).isEqualTo("a receipt; the peer is told");
    assertThat(displayed()).endsWith("they were told before");

    assertThat(receipts()).isEqualTo(1);
  }

  @Test
  void afterACrashBeforeTheNoteStandsTheReceiptCountsStill() throws Exception {
    world.sql("alter table displayed_mail add constraint no_room check (told_at is null)");
    assertThatThrownBy(this::displayed).isInstanceOf(RuntimeException.class);
    assertThat(receipts()).isZero();
    world.sql("alter table displayed_mail drop constraint no_room");

    displayed();

    assertThat(receipts()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"deleted", "dispatched", "processed", "denied", "failed", "displayedness", ""})
  void onlyThatAMailWasDisplayedCounts(String disposition) throws Exception {
    var words = arrives(path(), mailId(), disposition);

    assertThat(words).contains("a receipt that does not say");
    assertThat(receipts()).isZero();
  }

  @Test
  void whoDoesNotKnowTheReturnPathChangesNothing() throws Exception {
    var guessed = new Mailbox("b-" + "0".repeat(32), DOMAIN);

    assertThat(arrives(guessed, mailId(), "displayed")).contains("no mail of ours");

    assertThat(receipts()).isZero();
  }

  @Test
  void aReceiptForAnotherMailThanThatOfItsPathIsNone() throws Exception {
    assertThat(arrives(path(), "<other@example.org>", "displayed")).contains("no mail of ours");

    assertThat(receipts()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"carol@example.org", "bob@example.net", "", "no mailbox"})
  void aReceiptOfWhomeverTheMailWasHandedOnToIsNone(String reader) throws Exception {
    var lines = notification(mailId(), "displayed", "Final-Recipient: rfc822; " + reader);

    assertThat(arrives(path(), lines)).contains("to whom the mail was not sent");

    assertThat(receipts()).isZero();
  }

  @Test
  void aReceiptThatNamesThePersonAsTheOriginalRecipientCounts() throws Exception {
    var fields =
        "Final-Recipient: rfc822; b.smith@far.example\r\nOriginal-Recipient: rfc822; Bob@Example.org";

    assertThat(arrives(path(), notification(mailId(), "displayed", fields)))
        .endsWith("the peer is told");
  }

  @Test
  void aPeerWhoHasWrittenAgainIsNotTold() throws Exception {
    world.says("another line");
    world.bob.sync();

    assertThat(displayed()).contains("written again");

    assertThat(receipts()).isZero();
  }

  @Test
  void aReceiptOfThePeersIsNoWordOfTheirs() throws Exception {
    world.says(new ReadReceipt());
    world.bob.sync();

    assertThat(displayed()).endsWith("the peer is told");
  }

  @Test
  void whoeverIsNotAllowedIsNotToldAndConsentStays() throws Exception {
    for (var state : new State[] {State.DENIED, State.UNKNOWN}) {
      world.bob.consent(world.alice.inbox().id(), state);
      var group = world.bob.dm(world.alice.inbox().id()).group();
      world
          .store
          .jdbi()
          .useHandle(
              handle ->
                  world
                      .store
                      .store()
                      .consents()
                      .set(handle, world.bob.installation(), group, state, 0));

      assertThat(displayed()).contains("not allowed");
      assertThat(world.bob.consent(world.alice.inbox().id())).isEqualTo(state);
      assertThat(world.bob.consent(group)).isEqualTo(state);
    }
    assertThat(receipts()).isZero();
  }

  @Test
  void aPeerWhoseMailIsUnwantedIsNotTold() throws Exception {
    new SuppressionList(world.store.jdbi())
        .add(
            new Suppression(
                BOB,
                Optional.of(world.alice.inbox().id()),
                Suppression.Reason.BLOCKED,
                "no",
                world.clock.instant()));

    assertThat(displayed()).contains("not allowed");

    assertThat(receipts()).isZero();
  }

  @Test
  void whereReceiptsAreOffNoneIsAskedForAndNoneCarried() throws Exception {
    world.carriesReceipts = false;
    world.wire(new Quiet(Duration.ofSeconds(10)));
    world.says("another line");
    world.arrive();

    assertThat(world.mails.get(1).header().has("Disposition-Notification-To")).isFalse();
    assertThat(displayed()).isEqualTo("a receipt; receipts are not carried");
    assertThat(receipts()).isZero();
  }

  @Test
  void anAnswerToWhatWasSaidBeforeTheReceiptIsNoAnswerToTheReceipt() throws Exception {
    displayed();
    world.bob.dm(world.alice.inbox().id()).publishNow();

    var answer = world.says(new Text("at once"));
    world.arrive();

    var answered =
        world
            .store
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery("select answered from thread_pace")
                        .mapTo(String.class)
                        .list());
    var hello =
        world.bob.dm(world.alice.inbox().id()).messages(1000).stream()
            .filter(message -> message.sender().equals(world.bob.id()))
            .filter(message -> ContentCodec.decode(message.content()) instanceof Text)
            .findFirst()
            .orElseThrow();
    assertThat(answered).containsExactly(hello.id().toString());
    assertThat(world.outcome(answer)).isNotNull();
  }

  @Test
  void aReceiptOfThePeersBecomesNoMailAndNoOtherMailWaitsForIt() throws Exception {
    var receipt = world.says(new ReadReceipt());
    world.arrive();

    assertThat(world.mails).hasSize(1);
    assertThat(world.lastWords(receipt)).contains("no mail that it is about asks for one");
  }
}
