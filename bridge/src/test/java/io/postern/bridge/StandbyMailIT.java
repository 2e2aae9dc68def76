package io.postern.bridge;

import static io.postern.bridge.SharedStore.BOB;
import static io.postern.bridge.SharedStore.HALF_A_MINUTE;
import static io.postern.bridge.SharedStore.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.postern.interop.Servers;
import io.postern.mail.Delivery;
import io.postern.mail.Delivery.Deferred;
import io.postern.mail.Delivery.Delivered;
import io.postern.mail.Delivery.Refused;
import io.postern.mail.Mailbox;
import io.postern.smtp.ListenerKind;
import io.postern.smtp.SmtpSettings;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two programs on one PostgreSQL, both of which take mail: whoever took it, the one that carries
 * makes one message of it, also while they change their roles. docs/adr/0021.
 */
@Timeout(300)
class StandbyMailIT {
  private static final int SOME = 8;
  private static final int LARGE_LINES = 5_000;
  private static final String LINE = "x".repeat(60);

  /** Has a login. */
  private static final Mailbox CAROL = new Mailbox("carol", "example.org");

  @TempDir Path folder;
  private SharedStore both;

  @BeforeEach
  void open() throws Exception {
    both = new SharedStore(folder);
  }

  @AfterEach
  void close() {
    both.close();
  }

  @Test
  void mailToTheOneThatStandsByIsCarriedByTheOtherAndRefusedForTheSameReasons() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b")) {
      b.awaitStandby();
      assertThat(SharedStore.get(b, "health").body()).contains("mail is taken here, too");
      assertThat(SharedStore.get(b, "ready").statusCode()).isEqualTo(503);

      both.accept(a, "by the one that carries");
      both.accept(b, "by the one that stands by");
      assertThat(large(b, "a large one")).isInstanceOf(Delivered.class);
      await().atMost(PATIENCE).until(() -> both.heard().contains("a large one"));

      assertThat(both.heard())
          .containsExactlyInAnyOrder(
              "by the one that carries", "by the one that stands by", "a large one");
      for (var refused : List.of(toNobody(), elsewhere())) {
        var byOne = (Refused) to(a, refused, "From: <" + BOB + ">");
        var byOther = (Refused) to(b, refused, "From: <" + BOB + ">");
        assertThat(byOther).isEqualTo(byOne);
      }
      var byOne = (Refused) to(a, both.alice.mailbox(), "Message-ID: <a@example.org>");
      var byOther = (Refused) to(b, both.alice.mailbox(), "Message-ID: <b@example.org>");
      assertThat(byOther).isEqualTo(byOne);
      assertThat(byOne.status()).isEqualTo("5.6.0");
      var ofOther = "reject where mail_id like '%b@example.org%'";
      await().atMost(PATIENCE).until(() -> both.count(ofOther) == 1);
    }
  }

  /** In what nobody reads: before the first part. */
  private Delivery large(DaemonProcess by, String text) {
    return TestBridge.mail(
        by.smtpPort(),
        BOB,
        both.alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + both.alice.mailbox(),
        "Subject: Re: Two",
        "Message-ID: <large@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        (LINE + "\r\n").repeat(LARGE_LINES),
        "--b",
        "",
        text,
        "--b--");
  }

  /** A wallet of which the network knows no inbox. */
  private Mailbox toNobody() {
    return new Mailbox("0x" + "12".repeat(20), both.alice.mailbox().domain());
  }

  private static Mailbox elsewhere() {
    return new Mailbox("carol", "example.net");
  }

  private static Delivery to(DaemonProcess by, Mailbox recipient, String field) {
    return TestBridge.mail(by.smtpPort(), BOB, recipient, field, "", "to be refused");
  }

  /** Nobody is asked for a signature who has logged in; without a login nobody is believed. */
  @Test
  void whoeverLogsInAtTheOneThatStandsByIsServedAsAtTheOtherAndRefusedForTheSameReasons()
      throws Exception {
    var tls = SelfMadeTls.make();
    var ofA = new Submission("a", tls);
    var ofB = new Submission("b", tls);
    var files = tls.write(folder);
    var logins = MailProgram.logins(folder, CAROL);
    try (var a = both.carrying("a", ofA.lines(files, logins));
        var b = both.run("b", ofB.lines(files, logins))) {
      b.awaitStandby();

      ofA.starttls().send(CAROL, both.alice.mailbox(), "to the one that carries");
      ofB.starttls().send(CAROL, both.alice.mailbox(), "by STARTTLS");
      ofB.implicitTls().send(CAROL, both.alice.mailbox(), "by TLS");

      var sent = List.of("to the one that carries", "by STARTTLS", "by TLS");
      await().atMost(PATIENCE).until(() -> both.heard().containsAll(sent));
      both.answer(CAROL, "and back");
      both.awaitMailed("and back");
      assertThat(both.heard()).containsExactlyInAnyOrderElementsOf(sent);

      assertThat(ofB.refusal("wrong", CAROL))
          .isEqualTo(ofA.refusal("wrong", CAROL))
          .contains("535 5.7.8");
      assertThat(ofB.refusal(MailProgram.PASSWORD, BOB))
          .isEqualTo(ofA.refusal(MailProgram.PASSWORD, BOB))
          .contains("550 5.7.1 You are logged in as carol@example.org");
      assertThat(a.isAlive() && b.isAlive()).isTrue();
    }
  }

  /** The listeners of one of them for people with a login. */
  private final class Submission {
    private final String name;
    private final SelfMadeTls tls;
    private final int starttls = Servers.freePort();
    private final int implicitTls = Servers.freePort();

    Submission(String name, SelfMadeTls tls) throws IOException {
      this.name = name;
      this.tls = tls;
    }

    String[] lines(SmtpSettings.TlsFiles files, Path logins) {
      return new String[] {
        """
        smtp:
          listen: "127.0.0.1:0"
          hostname: %s.example
          tls: {certificate: %s, key: %s}
          submission: {starttls: "127.0.0.1:%d", implicitTls: "127.0.0.1:%d", logins: %s}"""
            .formatted(name, files.certificate(), files.key(), starttls, implicitTls, logins),
        "provision: verified",
        // Nobody is asked: it answers nothing.
        "dns: [\"127.0.0.1:9\"]"
      };
    }

    MailProgram starttls() {
      return new MailProgram(tls, ListenerKind.SUBMISSION, starttls);
    }

    MailProgram implicitTls() {
      return new MailProgram(tls, ListenerKind.SUBMISSIONS, implicitTls);
    }

    /** What a person is told by a mail program. */
    String refusal(String password, Mailbox from) {
      var refused =
          catchThrowable(
              () -> starttls().send(CAROL, password, CAROL, from, both.alice.mailbox(), "no"));
      assertThat(refused).isInstanceOf(MessagingException.class);
      return refused.getMessage();
    }
  }

  @Test
  void whatEitherHasTakenIsOneMessageWhenTheOneThatCarriesIsKilled() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b")) {
      b.awaitStandby();
      try (var toOne = both.load(a, "a");
          var toOther = both.load(b, "b")) {
        toOne.awaitTaken(SOME);
        toOther.awaitTaken(SOME);
        a.kill();
        b.awaitReady(HALF_A_MINUTE);
        toOther.awaitTaken(SOME);
        try (var again = both.run("a")) {
          again.awaitStandby();
          try (var toAgain = both.load(again, "a again")) {
            toAgain.awaitTaken(SOME);
            b.stop();
            again.awaitReady(HALF_A_MINUTE);
            toAgain.awaitTaken(SOME);
          }
          await().atMost(PATIENCE).until(() -> both.heard().containsAll(both.accepted));
        }
      }
    }

    assertThat(both.heard()).doesNotHaveDuplicates();
    both.assertThatAllWasReadable();
  }

  /** One that loses its hold takes mail again as one that stands by. */
  @Test
  void whatEitherHasTakenIsOneMessageWhileTheyChangeTheirRoles() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b")) {
      b.awaitStandby();
      try (var toOne = both.load(a, "a");
          var toOther = both.load(b, "b")) {
        toOne.awaitTaken(SOME);
        toOther.awaitTaken(SOME);

        both.cutHold();
        b.awaitReady(HALF_A_MINUTE);
        a.awaitStandby();
        toOne.awaitTaken(SOME);
        toOther.awaitTaken(SOME);

        both.cutHold();
        a.awaitReady(HALF_A_MINUTE);
        b.awaitStandby();
        toOne.awaitTaken(SOME);
        toOther.awaitTaken(SOME);
      }
      await().atMost(PATIENCE).until(() -> both.heard().containsAll(both.accepted));
    }

    assertThat(both.heard()).doesNotHaveDuplicates();
    both.assertThatAllWasReadable();
  }

  @Test
  void whileTheServerIsAwayClientsAreToldToComeAgain() throws Exception {
    try (var relay = new TestRelay(both.databasePort());
        var a = both.carrying("a");
        var b = both.run("b", both.store(relay.port()))) {
      b.awaitStandby();
      both.accept(b, "before");

      relay.cut();
      var away = both.mail(b, "meanwhile");
      both.accept(a, "by the other");
      relay.mend();
      await().atMost(PATIENCE).until(() -> both.mail(b, "after") instanceof Delivered);

      assertThat(((Deferred) away).status()).startsWith("4.");
      await()
          .atMost(PATIENCE)
          .until(() -> both.heard().containsAll(List.of("before", "by the other", "after")));
      assertThat(both.heard()).doesNotHaveDuplicates().doesNotContain("meanwhile");
    }
  }

  /** It would have to change them, which is for whoever carries. */
  @Test
  void takesNoMailIntoTablesOfAnOlderVersion() throws Exception {
    try (var a = both.carrying("a")) {
      both.onServer(
          "delete from mapping_schema_history where installed_rank ="
              + " (select max(installed_rank) from mapping_schema_history)");
      try (var b = both.run("b")) {
        b.awaitStandbyWithoutMail();

        await().atMost(PATIENCE).until(() -> b.log().contains("wait for 1 migrations"));
        assertThat(SharedStore.get(b, "health").body()).contains("no mail is taken here");
        assertThat(a.isAlive()).isTrue();
      }
    }
  }

  @Test
  void standsByAlsoWhereItsAddressIsInUseAndTakesMailWhenItIsFree() throws Exception {
    try (var a = both.carrying("a");
        var b = both.run("b", SharedStore.smtp("b", a.smtpPort()))) {
      b.awaitStandbyWithoutMail();

      a.kill();
      b.awaitReady(HALF_A_MINUTE);

      both.accept(b, "at the address of the one that was killed");
      await().atMost(PATIENCE).until(() -> both.heard().containsAll(both.accepted));
    }
  }
}
