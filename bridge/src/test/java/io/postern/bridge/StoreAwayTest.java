package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Envelope;
import io.postern.mail.FetchedMail;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.JudgedSpool;
import io.postern.smtp.Logins;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.Reception;
import io.postern.smtp.Spool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients hear while the database is away. */
class StoreAwayTest {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox ALICE = new Mailbox("alice", TestBridge.DOMAIN);

  @TempDir Path folder;
  private Spool spool;

  @BeforeEach
  void open() throws Exception {
    spool = Spool.open(folder.resolve("spool"), Clock.systemUTC());
  }

  @AfterEach
  void close() throws Exception {
    spool.close();
  }

  /** Whatever is asked meets this. */
  private Reception failing(Runnable question) {
    return StoreAway.answered(
        new Reception(
            (recipient, soFar) -> {
              question.run();
              throw new AssertionError("it is to fail");
            },
            attempt -> {
              question.run();
              return Optional.empty();
            },
            mail -> {
              question.run();
              throw new AssertionError("it is to fail");
            },
            new LoopCheck(List.of(TestBridge.DOMAIN)),
            spool,
            refusal -> {},
            Logins.none()));
  }

  private static void ask(String sqlState) {
    Jdbi.create(
            () -> {
              throw new SQLException("no answer", sqlState);
            })
        .useHandle(handle -> {});
  }

  private static void recipient(Reception reception) {
    var reply = reception.recipients().check(ALICE, Envelope.of(BOB, List.of(ALICE))).reply();
    assertThat(reply.code()).isEqualTo(451);
    assertThat(reply.status()).isEqualTo("4.3.0");
  }

  private static ClientCheck.Attempt attempt() {
    return new ClientCheck.Attempt(
        InetAddress.getLoopbackAddress(), "client.example", Optional.of(BOB), ALICE);
  }

  private static void mail(Reception reception) throws Exception {
    var octets = "From: <bob@example.org>\r\n\r\ntext\r\n".getBytes(StandardCharsets.US_ASCII);
    new JudgedSpool(reception)
        .accept(
            new FetchedMail(
                Envelope.of(BOB, List.of(ALICE)),
                Received.fetched(Instant.now(), true),
                octets.length,
                new ByteArrayInputStream(octets)),
            Optional.empty());
  }

  @Test
  void eachQuestionThatIsNotAnsweredIsToBeAskedAgain() {
    var lost = new TransactionException("the hold on the database is lost");
    for (var reception :
        List.of(
            failing(() -> ask("08006")),
            failing(
                () -> {
                  throw lost;
                }))) {
      recipient(reception);
      assertThat(reception.clients().check(attempt()).orElseThrow().code()).isEqualTo(451);
      assertThatThrownBy(() -> mail(reception))
          .isInstanceOfSatisfying(
              MailException.class, later -> assertThat(later.status()).isEqualTo("4.3.0"));
    }
    assertThat(spool.size()).isZero();
  }

  @Test
  void theReasonIsOneLineHoweverDeepItStands() {
    var closed = new SQLException("no answer\nof the server", "57P01");

    assertThat(StoreAway.reason(new IOException("the spool", new IllegalStateException(closed))))
        .contains("no answer");
    assertThat(StoreAway.reason(new IOException("the disk"))).isEmpty();
    assertThat(StoreAway.reason(new SQLException("no such column", "42703"))).isEmpty();
    assertThat(StoreAway.reason(new StackOverflowError())).isEmpty();
  }

  @Test
  void aMistakeOfOursStaysOne() throws Exception {
    try (var store = new TestStore()) {
      var reception =
          failing(() -> store.jdbi().useHandle(handle -> handle.execute("select 1 from nowhere")));

      assertThatThrownBy(() -> reception.clients().check(attempt()))
          .isInstanceOf(JdbiException.class);
      assertThatThrownBy(() -> mail(reception)).isInstanceOf(JdbiException.class);
    }
  }
}
