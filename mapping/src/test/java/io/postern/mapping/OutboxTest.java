package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.group;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.installation;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.xmtp.store.Lease;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class OutboxTest {
  private static final Instant LATER = T0.plusSeconds(600);
  private static final ClosedMail MAIL =
      new ClosedMail(
          new MailId("<x-1@bridge.example>"),
          Optional.of(mailbox("0xab@bridge.example")),
          "the mail".getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;
  private MappingDatabase database;
  private Outbox outbox;
  private BundleStore bundles;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    outbox = new Outbox(database.jdbi(), new Quiet(Duration.ofSeconds(20)));
    bundles = new BundleStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aLineIsPutInOnce() {
    assertTrue(outbox.add(line(1, "bob@example.org", 4, 0)));
    assertFalse(outbox.add(line(1, "BOB@example.org", 4, 0)));

    assertEquals(1, outbox.due(LATER).size());
  }

  @Test
  void aMessageForTwoRecipientsIsTwoMails() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    outbox.add(line(1, "eve@example.org", 4, 0));

    assertEquals(
        List.of(mailbox("bob@example.org"), mailbox("eve@example.org")),
        outbox.due(LATER).stream().map(bundle -> bundle.first().recipient()).toList());
  }

  @Test
  void linesOfTwoSendersAreTwoMailsEvenIfTheyTakeTurns() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    outbox.add(line(2, "bob@example.org", 5, 1));
    outbox.add(line(3, "bob@example.org", 4, 2));

    assertEquals(
        List.of(List.of(message(1), message(3)), List.of(message(2))),
        outbox.due(LATER).stream().map(OpenBundle::messageIds).toList());
  }

  @Test
  void nothingIsDueWhileLinesFollow() {
    outbox.add(line(1, "bob@example.org", 4, 0));

    assertEquals(List.of(), outbox.due(T0.plusSeconds(19)));
    assertEquals(T0.plusSeconds(20), outbox.open(T0).get(0).closesAt());

    outbox.add(line(2, "bob@example.org", 4, 15));
    assertEquals(List.of(), outbox.due(T0.plusSeconds(20)));
    assertEquals(T0.plusSeconds(35), outbox.open(T0).get(0).closesAt());
    assertEquals(1, outbox.due(T0.plusSeconds(35)).size());
  }

  @Test
  void anEmptyOutboxHasNothingToClose() {
    assertEquals(List.of(), outbox.open(LATER));
  }

  @Test
  void aThreadWithMoreLinesThanAreLookedAtHidesNobodyElses() {
    fill(5001, "'bob@example.org'");
    outbox.add(line(1, "eve@example.org", 5, 0));

    var due = outbox.due(LATER);

    assertEquals(
        List.of(mailbox("bob@example.org"), mailbox("bob@example.org"), mailbox("eve@example.org")),
        due.stream().map(bundle -> bundle.first().recipient()).toList());
    assertEquals(
        List.of(Quiet.MAX_LINES, Quiet.MAX_LINES, 1),
        due.stream().map(bundle -> bundle.lines().size()).toList());
  }

  @Test
  void aSenderWithMoreThreadsThanAreLookedAtHidesNobodyElses() {
    fill(5001, "concat('p', x, '@example.org')");
    outbox.add(line(1, "eve@example.org", 5, 0));
    outbox.add(line(2, "eve@example.org", 5, 1));

    var due = outbox.due(LATER);

    assertEquals(4999, due.size());
    assertEquals(List.of(message(1), message(2)), due.get(4998).messageIds());
    assertEquals(mailbox("p1@example.org"), due.get(0).first().recipient());
  }

  /** Lines of one sender, put in at once. */
  private void fill(int count, String recipient) {
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "insert into outbox_line (installation_id, message_id, recipient,"
                            + " conversation, sender_inbox, sent_at, arrived_at, state,"
                            + " state_reason, changed_at) select :installation, lpad(cast(x as"
                            + " varchar), 64, '0'), "
                            + recipient
                            + ", :conversation, :sender, :at, :at, 'PENDING', '', :at from "
                            + MappingDatabase.numbersToCount())
                    .bind("installation", installation(1).toString())
                    .bind("conversation", ConversationId.ofGroup(group(1)).hex())
                    .bind("sender", inbox(4).value())
                    .bind("at", Columns.column(T0))
                    .bind("count", count)
                    .execute());
  }

  @Test
  void closingKeepsMembersIdAndOctets() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    outbox.add(line(2, "bob@example.org", 4, 5));
    var due = outbox.due(LATER).get(0);

    long id = outbox.close(due, MAIL, LATER).orElseThrow();

    var bundle = bundles.byId(id).orElseThrow();
    assertEquals(MAIL.id(), bundle.mailId());
    assertArrayEquals(MAIL.octets(), bundle.octets());
    assertEquals(List.of(message(1), message(2)), bundle.messageIds());
    assertEquals(mailbox("bob@example.org"), bundle.recipient());
    assertEquals(MAIL.reversePath(), bundle.envelope().reversePath());
    assertEquals(inbox(4), bundle.sender());
    assertEquals(installation(1), bundle.installation());
    assertEquals(LATER, bundle.nextTry());
    assertEquals(0, bundle.attempts());
    assertEquals(Optional.of(OutboxState.BUNDLED), outbox.state(due.first()));
    assertEquals(List.of(), outbox.due(LATER));
  }

  @Test
  void aBundleIsClosedOnceEvenIfTwoSawItOpen() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    var due = outbox.due(LATER).get(0);
    outbox.close(due, MAIL, LATER);

    assertEquals(OptionalLong.empty(), outbox.close(due, MAIL, LATER));

    assertEquals(1, due(LATER).size());
  }

  @Test
  void aLineThatComesWhileTheMailIsWrittenIsNotLost() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    var seen = outbox.due(LATER).get(0);
    outbox.add(line(2, "bob@example.org", 4, 5));

    outbox.close(seen, MAIL, LATER);

    assertEquals(List.of(message(2)), outbox.due(LATER).get(0).messageIds());
  }

  @Test
  void aCrashInsideTheClosingLeavesTheLinesWaiting() throws Exception {
    outbox.add(line(1, "bob@example.org", 4, 0));
    var due = outbox.due(LATER).get(0);

    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      assertTrue(outbox.close(handle, due, MAIL, LATER).isPresent());
                      throw new MappingDatabase.Crash();
                    }));
    reopenAfterCrash();

    assertEquals(List.of(due), outbox.due(LATER));
    assertEquals(List.of(), due(LATER));
    assertTrue(outbox.close(due, MAIL, LATER).isPresent());
  }

  @Test
  void aCrashAfterTheClosingLeavesTheMailAsItWas() throws Exception {
    outbox.add(line(1, "bob@example.org", 4, 0));
    var due = outbox.due(LATER).get(0);
    outbox.close(due, MAIL, LATER);

    reopenAfterCrash();

    assertEquals(List.of(), outbox.due(LATER));
    assertFalse(outbox.add(due.first()));
    assertArrayEquals(MAIL.octets(), due(LATER).get(0).octets());
  }

  @Test
  void aCrashBeforeTheMarkIsClearedPutsNothingInTwice() throws Exception {
    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      outbox.add(handle, line(1, "bob@example.org", 4, 0));
                      outbox.add(handle, line(1, "eve@example.org", 4, 0));
                      throw new MappingDatabase.Crash();
                    }));
    reopenAfterCrash();

    assertEquals(List.of(), outbox.due(LATER));
    assertTrue(outbox.add(line(1, "bob@example.org", 4, 0)));
    assertTrue(outbox.add(line(1, "eve@example.org", 4, 0)));
  }

  @Test
  void linkAndClosingAreOneTransaction() {
    var links = new ThreadLinks(database.jdbi());
    outbox.add(line(1, "bob@example.org", 4, 0));
    var due = outbox.due(LATER).get(0);
    var link =
        new ThreadLink(
            MAIL.id(),
            Optional.empty(),
            ThreadLink.Direction.XMTP_TO_MAIL,
            due.first().conversation(),
            group(1),
            due.first().recipient(),
            due.first().sender(),
            "lunch",
            List.of(),
            due.messageIds(),
            LATER);

    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      outbox.close(handle, due, MAIL, LATER);
                      links.link(handle, link);
                      throw new MappingDatabase.Crash();
                    }));
    assertEquals(Optional.empty(), links.carrying(message(1), due.first().recipient()));

    database
        .jdbi()
        .useTransaction(
            handle -> {
              outbox.close(handle, due, MAIL, LATER);
              links.link(handle, link);
            });
    assertEquals(Optional.of(link), links.carrying(message(1), due.first().recipient()));
  }

  @Test
  void whatIsWithheldIsNotMailedAndComesBackNoMore() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    var lines = outbox.due(LATER).get(0).lines();

    assertTrue(outbox.withhold(lines, "the peer is denied", LATER));

    assertEquals(List.of(), outbox.due(LATER));
    assertFalse(outbox.add(lines.get(0)));
    assertFalse(outbox.withhold(lines, "again", LATER));
  }

  @Test
  void whatIsClosedCanNoLongerBeWithheld() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    var due = outbox.due(LATER).get(0);
    outbox.close(due, MAIL, LATER);

    assertFalse(outbox.withhold(due.lines(), "too late", LATER));

    assertEquals(Optional.of(OutboxState.BUNDLED), outbox.state(due.first()));
  }

  @Test
  void aBundleOfWhichOneLineIsGoneIsNotClosedInPart() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    outbox.add(line(2, "bob@example.org", 4, 5));
    var due = outbox.due(LATER).get(0);
    outbox.withhold(due.lines().subList(1, 2), "deleted by its sender", LATER);

    assertEquals(OptionalLong.empty(), outbox.close(due, MAIL, LATER));

    assertEquals(Optional.of(OutboxState.PENDING), outbox.state(due.first()));
  }

  @Test
  void countsWhatOfOnePeerWaits() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    outbox.add(line(2, "eve@example.org", 4, 0));
    outbox.add(line(3, "bob@example.org", 5, 0));
    var due = outbox.due(T0.plusSeconds(3600)).get(0);
    outbox.close(due, new ClosedMail(new MailId("<1@x>"), Optional.empty(), new byte[77]), T0);

    var messages = database.jdbi().withHandle(h -> outbox.waitingMessages(h, inbox(4)));
    var mails = database.jdbi().withHandle(h -> outbox.waitingMails(h, inbox(4)));
    var nobodys = database.jdbi().withHandle(h -> outbox.waitingMails(h, inbox(9)));

    assertEquals(new Waiting(1, 100), messages);
    assertEquals(new Waiting(1, 77), mails);
    assertEquals(new Waiting(0, 0), nobodys);
  }

  @Test
  void isFullByNumberOrByOctets() {
    assertTrue(new Waiting(10_000, 0).isFull());
    assertTrue(new Waiting(1, 256L << 20).isFull());
    assertFalse(new Waiting(9_998, 0).with(1).isFull());
    assertTrue(new Waiting(9_999, 0).with(1).isFull());
  }

  @Test
  void withheldLinesExpire() {
    outbox.add(line(1, "bob@example.org", 4, 0));
    outbox.add(line(2, "bob@example.org", 5, 0));
    outbox.withhold(outbox.due(LATER).get(0).lines(), "a receipt", LATER);

    assertEquals(0, outbox.expire(LATER));
    assertEquals(1, outbox.expire(LATER.plusSeconds(1)));
    assertEquals(1, outbox.due(LATER).size());
  }

  @Test
  void eachInstanceSeesWhatIsForThePeopleItWorksFor() {
    var store = new BindingStore(database.jdbi());
    store.claimWallet(mailbox("bob@example.org"));
    store.claimWallet(mailbox("carol@example.org"));
    for (var person : List.of("bob@example.org", "carol@example.org", "unknown@example.org")) {
      outbox.add(line(1, person, 4, 0));
    }
    var even = new Lease(2, new TreeSet<>(Set.of(0)));
    var odd = new Lease(2, new TreeSet<>(Set.of(1)));

    assertEquals(
        List.of("bob@example.org", "unknown@example.org"), recipients(of(even).due(LATER)));
    assertEquals(List.of("carol@example.org"), recipients(of(odd).due(LATER)));

    of(odd).close(of(odd).due(LATER).get(0), MAIL, LATER);

    assertEquals(Map.of(), new BundleStore(database.jdbi(), even).due(LATER));
    assertEquals(Optional.empty(), new BundleStore(database.jdbi(), even).nextTry());
    assertEquals(1, new BundleStore(database.jdbi(), odd).due(LATER).size());
    assertEquals(Optional.of(LATER), new BundleStore(database.jdbi(), odd).nextTry());
  }

  private Outbox of(Lease lease) {
    return new Outbox(
        database.jdbi(), new Quiet(Duration.ofSeconds(20)), person -> Optional.empty(), lease);
  }

  private static List<String> recipients(List<OpenBundle> bundles) {
    return bundles.stream().map(bundle -> bundle.first().recipient().toString()).toList();
  }

  private void reopenAfterCrash() throws Exception {
    database.crash();
    open();
  }

  private List<Bundle> due(Instant now) {
    return bundles.due(now).values().stream().map(id -> bundles.byId(id).orElseThrow()).toList();
  }

  private static OutboxLine line(int message, String recipient, int sender, int second) {
    return new OutboxLine(
        installation(1),
        message(message),
        mailbox(recipient),
        ConversationId.ofGroup(group(1)),
        inbox(sender),
        T0.plusSeconds(second),
        T0.plusSeconds(second),
        100);
  }
}
