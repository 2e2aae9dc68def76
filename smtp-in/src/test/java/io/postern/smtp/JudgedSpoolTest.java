package io.postern.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Envelope;
import io.postern.mail.FetchedMail;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JudgedSpoolTest {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox ALICE = new Mailbox("alice", "bridge.example");
  private static final Verdict VERDICT = Verdict.loggedIn("mx.bridge.example", BOB);
  private static final String MAIL = "From: bob@example.org\r\n\r\nHello\r\n";

  private static final Optional<Mailbox> NOBODY = Optional.empty();

  @TempDir Path folder;
  private Spool spool;
  private final List<Refusal> refusals = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    spool = Spool.open(folder.resolve("spool"), Clock.systemUTC());
  }

  @AfterEach
  void close() throws Exception {
    spool.close();
  }

  private JudgedSpool sink(MailJudge judge) {
    return new JudgedSpool(
        new Reception(
            (recipient, soFar) -> new RecipientCheck.Served(),
            ClientCheck.none(),
            judge,
            new LoopCheck(List.of("bridge.example")),
            spool,
            refusals::add,
            Logins.none()));
  }

  private static FetchedMail mail(String text) {
    var octets = text.getBytes(UTF_8);
    return mail(octets.length, new ByteArrayInputStream(octets));
  }

  private static FetchedMail mail(long octets, InputStream content) {
    return new FetchedMail(
        Envelope.of(BOB, List.of(ALICE)), Received.fetched(Instant.EPOCH, true), octets, content);
  }

  private static MailJudge refusing(int code, String status) {
    return mail -> new MailJudge.Refused(SmtpReply.of(code, status, "Not this one"));
  }

  @Test
  void keepsWhatItsJudgeTakesWithTheVerdict() throws Exception {
    var logins = new ArrayList<Mailbox>();
    MailJudge judge =
        mail -> {
          mail.login().ifPresent(logins::add);
          return new MailJudge.Taken(VERDICT);
        };

    sink(judge).accept(mail(MAIL), Optional.of(BOB));

    var kept = spool.due(Instant.now(), 10).get(0);
    assertThat(logins).containsExactly(BOB);
    assertThat(kept.received().verdict()).isEqualTo(VERDICT);
    assertThat(new String(kept.arrivedOctets(), UTF_8)).isEqualTo(MAIL);
    assertThat(refusals).isEmpty();
  }

  @Test
  void keepsNothingThatIsRefusedAndNotesIt() {
    assertThatThrownBy(() -> sink(refusing(550, "5.7.1")).accept(mail(MAIL), Optional.of(BOB)))
        .hasMessage("5.7.1 Not this one");

    assertThat(spool.size()).isZero();
    assertThat(refusals).extracting(Refusal::from).containsExactly("bob@example.org");
  }

  @Test
  void notesAHashOfTheHeaderByWhichTheSameMailIsKnown() {
    var sink = sink(refusing(550, "5.7.1"));

    for (var each : List.of(MAIL, MAIL + "More\r\n", "Date: today\r\n" + MAIL)) {
      assertThatThrownBy(() -> sink.accept(mail(each), NOBODY)).hasMessageStartingWith("5.7.1");
    }
    sink.passOver(List.of(ALICE), new byte[0], 0, new MailException("5.4.7", "It cannot be read"));

    var hashes = refusals.stream().map(Refusal::headerHash).toList();
    assertThat(hashes.get(1)).isEqualTo(hashes.get(0)).hasSize(64);
    assertThat(hashes.get(2)).isNotEqualTo(hashes.get(0)).hasSize(64);
    assertThat(hashes.get(3)).isEmpty();
  }

  @Test
  void notesNothingThatIsOnlyPutOff() {
    assertThatThrownBy(() -> sink(refusing(451, "4.7.1")).accept(mail(MAIL), Optional.of(BOB)))
        .hasMessage("4.7.1 Not this one");

    assertThat(spool.size()).isZero();
    assertThat(refusals).isEmpty();
  }

  @Test
  void refusesAMailThatGoesInCirclesAndAHeaderWithoutEnd() {
    var sink = sink(MailJudge.takingAll());

    assertThatThrownBy(
            () -> sink.accept(mail("X-XMTP-Message: a bridge.example\r\n" + MAIL), NOBODY))
        .hasMessageStartingWith("5.4.6");
    assertThatThrownBy(() -> sink.accept(mail("a: b\r\n".repeat(HeaderBlock.MAX_OCTETS)), NOBODY))
        .hasMessageStartingWith("5.3.4");

    assertThat(spool.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb\r\n", "a\rb\r\n", "a\r\n\r", "a\0b\r\n"})
  void refusesWhatAnotherProgramCouldTakeForALineEnd(String text) {
    assertThatThrownBy(
            () -> sink(MailJudge.takingAll()).accept(mail(MAIL + text), Optional.of(BOB)))
        .hasMessageStartingWith("5.6.0");

    assertThat(spool.size()).isZero();
    assertThat(refusals).hasSize(1);
  }

  @Test
  void keepsAMailOfWhichNeverMoreThanAPieceIsThere() throws Exception {
    var lines = "0123456789abc\r\n".repeat(100_000).getBytes(UTF_8);
    var content =
        new SequenceInputStream(
            new ByteArrayInputStream(MAIL.getBytes(UTF_8)), new ByteArrayInputStream(lines));

    sink(MailJudge.takingAll()).accept(mail(MAIL.length() + lines.length, content), NOBODY);

    var kept = spool.due(Instant.now(), 10).get(0).arrivedOctets();
    assertThat(kept).hasSize(MAIL.length() + lines.length).endsWith(lines);
  }

  @Test
  void keepsNothingOfAMailThatBreaksOffAndSaysWhoBroke() throws Exception {
    var lost = new IOException("the connection is gone");
    var broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw lost;
          }
        };
    var content =
        new SequenceInputStream(
            new ByteArrayInputStream((MAIL + "x".repeat(100_000)).getBytes(UTF_8)), broken);

    assertThatThrownBy(() -> sink(MailJudge.takingAll()).accept(mail(200_000, content), NOBODY))
        .isSameAs(lost);

    assertThat(spool.size()).isZero();
    assertThat(refusals).isEmpty();
    assertThat(folder.resolve("spool").resolve("incoming")).isEmptyDirectory();
  }

  @Test
  void notesWhatIsPassedOverWithWhatIsKnownOfIt() {
    var sink = sink(MailJudge.takingAll());

    sink.passOver(
        List.of(ALICE), MAIL.getBytes(UTF_8), 7_000_000, new MailException("5.3.4", "Too large"));
    sink.passOver(List.of(), new byte[0], 0, new MailException("5.4.7", "It cannot be fetched"));

    assertThat(refusals).extracting(Refusal::from).containsExactly("bob@example.org", "");
    assertThat(refusals).extracting(Refusal::octets).containsExactly(7_000_000L, 0L);
    assertThat(refusals).extracting(each -> each.reply().code()).containsExactly(552, 550);
  }
}
