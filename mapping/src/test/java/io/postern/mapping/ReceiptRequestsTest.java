package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.MappingDatabase.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mail is reported once, on both ways of a receipt. */
@OnEachDatabase
class ReceiptRequestsTest {
  private static final ConversationId ONE = ConversationId.ofDm(inbox(1), inbox(2));
  private static final ConversationId OTHER = ConversationId.ofDm(inbox(1), inbox(3));

  @TempDir Path folder;
  private MappingDatabase database;
  private ReceiptRequests requests;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    requests = new ReceiptRequests(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static ReceiptRequest request(int n, ConversationId conversation) {
    return new ReceiptRequest(
        "spool-" + n,
        mailbox("alice@bridge.example"),
        conversation,
        mailbox("Bob@example.org"),
        n == 1 ? Optional.empty() : Optional.of(new MailId("<Mail-" + n + "@example.org>")),
        message(n),
        T0.plusSeconds(n));
  }

  private void add(ReceiptRequest request) {
    database.jdbi().useTransaction(handle -> requests.add(handle, request));
  }

  private Optional<ReceiptRequest> report(
      ConversationId conversation, Predicate<ReceiptRequest> isRead) {
    return database
        .jdbi()
        .inTransaction(handle -> requests.report(handle, conversation, isRead, T0.plusSeconds(9)));
  }

  @Test
  void theNewestThatWasReadIsReportedAndTheElderOnesWithIt() {
    for (int n = 1; n <= 4; n++) {
      add(request(n, ONE));
    }
    add(request(5, OTHER));

    var reported = report(ONE, request -> !request.at().isAfter(T0.plusSeconds(3)));

    assertEquals(Optional.of(request(3, ONE)), reported);
    assertEquals(
        Optional.empty(), report(ONE, request -> request.at().isBefore(T0.plusSeconds(4))));
    assertEquals(Optional.of(request(4, ONE)), report(ONE, request -> true));
    assertEquals(Optional.of(request(5, OTHER)), report(OTHER, request -> true));
  }

  @Test
  void whatIsAskedTwiceIsReportedOnce() {
    add(request(1, ONE));
    report(ONE, request -> true);

    add(request(1, ONE));

    assertEquals(Optional.empty(), report(ONE, request -> true));
  }

  @Test
  void theNoteOutlivesACrash() throws Exception {
    add(request(1, ONE));
    report(ONE, request -> true);
    database.crash();

    open();

    assertEquals(Optional.empty(), report(ONE, request -> true));
  }

  @Test
  void whatIsOldIsForgotten() {
    add(request(1, ONE));
    add(request(2, ONE));

    assertEquals(1, requests.expire(T0.plusSeconds(2)));

    assertEquals(Optional.of(request(2, ONE)), report(ONE, request -> true));
  }

  @Test
  void aMailIsDisplayedOnceForEachOfItsRecipients() {
    var displayed = new DisplayedMails(database.jdbi());

    assertTrue(first(displayed, "bob@example.org", T0));
    assertFalse(first(displayed, "BOB@example.org", T0));
    assertTrue(first(displayed, "carol@example.org", T0.plusSeconds(1)));
    assertEquals(1, displayed.expire(T0.plusSeconds(1)));
    assertTrue(first(displayed, "bob@example.org", T0));
  }

  private boolean first(DisplayedMails displayed, String recipient, Instant now) {
    var mail = new MailId("<1@example.org>");
    return database
        .jdbi()
        .inTransaction(handle -> displayed.first(handle, mail, mailbox(recipient), now));
  }
}
