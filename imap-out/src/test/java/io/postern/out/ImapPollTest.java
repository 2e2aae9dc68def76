package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Transcripts of sessions in which a folder is watched. */
class ImapPollTest {
  private static final Logger LOG = (Logger) LoggerFactory.getLogger(ImapPoll.class);

  private static final String HEADER =
      "From: Bob <bob@example.org>\r\nTo: alice@bridge.example, x@elsewhere.example\r\n"
          + "Bcc: carol@bridge.example\r\nMessage-ID: <m1@example.org>\r\n\r\n";
  private static final String MAIL = HEADER + "Hello\r\n";
  private static final String HEAD = "UID FETCH 43 (UID RFC822.SIZE BODY.PEEK[HEADER]<0.262145>)";
  private static final String WHOLE = "UID FETCH 43 (UID BODY.PEEK[]<0.524288>)";
  private static final long MAX = 10_000;

  @TempDir Path folder;
  private Path passwordFile;
  private long max = MAX;
  private Instant now = Instant.parse("2026-11-29T12:00:00Z");
  private final TestProgress progress = TestProgress.at(7, 42, now);
  private final TestIntake intake = new TestIntake();
  private Optional<Mailbox> person = Optional.of(new Mailbox("Bob", "Example.org"));

  @BeforeEach
  void writePassword() throws IOException {
    passwordFile = Files.writeString(folder.resolve("password"), "s3cret");
  }

  private ImapPoll poll(ScriptedServer server, ImapPoll.Progress kept) {
    return poll(server, kept, Duration.ofSeconds(10), Duration.ofSeconds(10));
  }

  private ImapPoll poll(
      ScriptedServer server, ImapPoll.Progress kept, Duration step, Duration idle) {
    var login = new Login("bob", passwordFile);
    return new ImapPoll(
        new Deliver.Imap("127.0.0.1", server.port(), login, "Sent", TlsMode.NONE),
        person,
        to -> to.domain().equals("bridge.example"),
        max,
        kept,
        intake,
        () -> now,
        new ImapPoll.Patience(step, step, idle),
        TestTls.client());
  }

  private static ScriptedServer loggedIn(ScriptedServer server) {
    return loggedIn(server, "");
  }

  private static ScriptedServer loggedIn(ScriptedServer server, String more) {
    server.reply("* OK [CAPABILITY IMAP4rev1" + more + "] ready");
    return server.expectTagged("LOGIN bob s3cret").replyTagged("OK welcome");
  }

  private static ScriptedServer examined(ScriptedServer server, int uidValidity) {
    server.expectTagged("EXAMINE Sent");
    server.reply("* 3 EXISTS", "* OK [UIDVALIDITY " + uidValidity + "] v", "* OK [UIDNEXT 43] n");
    return server.replyTagged("OK [READ-ONLY] there");
  }

  private static ScriptedServer found(ScriptedServer server, String uids) {
    server.expectTagged("UID SEARCH UID 43:*");
    return server.reply("* SEARCH " + uids).replyTagged("OK done");
  }

  private static ScriptedServer head(ScriptedServer server, String header) {
    return head(server, header, header.length() + 7);
  }

  private static ScriptedServer head(ScriptedServer server, String header, long size) {
    server.expectTagged(HEAD);
    server.send(
        ("* 3 FETCH (UID 43 RFC822.SIZE " + size + " BODY[HEADER]<0> {" + header.length() + "}\r\n")
            .getBytes(StandardCharsets.UTF_8));
    return server.reply(header + ")").replyTagged("OK done");
  }

  private static ScriptedServer whole(ScriptedServer server) {
    return whole(server, MAIL);
  }

  private static ScriptedServer whole(ScriptedServer server, String mail) {
    server.expectTagged(WHOLE).reply("* 3 FETCH (FLAGS (\\Seen))");
    server.reply("* 3 FETCH (BODY[]<0> {" + mail.length() + "}", mail + " UID 43)");
    return server.replyTagged("OK done");
  }

  private Duration turn(ScriptedServer server) throws Exception {
    server.start();
    var poll = poll(server, progress);
    try (poll) {
      return poll.turn();
    }
  }

  private void assertUntouched() {
    assertThat(intake.taken).isEmpty();
    assertThat(intake.passedOver).isEmpty();
    assertThat(progress.brief()).isEqualTo("7 42");
  }

  /** And noted with these words, if there are any. */
  private void assertLeftAlone(String... words) {
    assertThat(intake.taken).isEmpty();
    assertThat(progress.brief()).isEqualTo("7 43");
    assertThat(intake.passedOver).hasSize(words.length);
    for (int i = 0; i < words.length; i++) {
      assertThat(intake.passedOver.get(i)).contains(words[i]);
    }
  }

  @Test
  void beginsAtTheFirstSightAndTakesNoOldMail() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "42").start();
      var fresh = new TestProgress();

      Duration wait;
      try (var poll = poll(server, fresh)) {
        wait = poll.turn();
      }

      assertThat(wait).isEqualTo(ImapPoll.POLL);
      assertThat(fresh.brief()).isEqualTo("7 42");
      assertThat(intake.taken).isEmpty();
    }
  }

  @Test
  void beginsBehindTheLastMailWhereTheServerDoesNotTellTheNextUid() throws Exception {
    try (var server = new ScriptedServer()) {
      loggedIn(server).expectTagged("EXAMINE Sent");
      server.reply("* 3 EXISTS", "* OK [UIDVALIDITY 7] v").replyTagged("OK there");
      server.expectTagged("UID SEARCH UID *").reply("* SEARCH 42").replyTagged("OK done");
      found(server, "42").start();
      var fresh = new TestProgress();

      try (var poll = poll(server, fresh)) {
        poll.turn();
      }

      assertThat(fresh.brief()).isEqualTo("7 42");
    }
  }

  @Test
  void readsAFolderAgainThatWasMadeAnewFromSomeDaysBefore() throws Exception {
    try (var server = new ScriptedServer()) {
      examined(loggedIn(server), 8).expectTagged("UID SEARCH UID 1:* SINCE 26-Nov-2026");
      server.reply("* SEARCH 43").replyTagged("OK done");
      whole(head(server, HEADER));
      examined(server, 8).expectTagged("UID SEARCH UID 44:* SINCE 26-Nov-2026");
      server.reply("* SEARCH").replyTagged("OK done").start();

      try (var poll = poll(server, progress)) {
        poll.turn();
        assertThat(progress.position().orElseThrow().since()).isPresent();
        poll.turn();
      }

      assertThat(intake.taken).hasSize(1);
      assertThat(progress.brief()).isEqualTo("8 43");
      assertThat(progress.position().orElseThrow().since()).isEmpty();
    }
  }

  @Test
  void keepsOnceADayThatAllWasSeen() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "42");
      now = now.plus(Duration.ofHours(25));

      turn(server);

      assertThat(progress.brief()).isEqualTo("7 42");
      assertThat(progress.position().orElseThrow().seenAt()).isEqualTo(now);
    }
  }

  @Test
  void refusesAFolderWithoutUidValidity() throws Exception {
    try (var server = new ScriptedServer()) {
      loggedIn(server).expectTagged("EXAMINE Sent").reply("* 3 EXISTS").replyTagged("OK there");

      assertThatThrownBy(() -> turn(server)).hasMessageContaining("UIDVALIDITY");

      assertUntouched();
    }
  }

  @Test
  void takesNewMailForThoseOfItsRecipientsThatAreOurs() throws Exception {
    try (var server = new ScriptedServer()) {
      whole(head(found(examined(loggedIn(server), 7), "43"), HEADER));

      var wait = turn(server);

      assertThat(wait).isZero();
      var mail = intake.taken.get(0);
      assertThat(mail.envelope().reversePath().map(Mailbox::toString)).contains("bob@example.org");
      assertThat(mail.envelope().forwardPaths())
          .containsExactly(
              new Mailbox("alice", "bridge.example"), new Mailbox("carol", "bridge.example"));
      assertThat(intake.text(0)).isEqualTo(MAIL);
      assertThat(mail.received().isFetched()).isTrue();
      assertThat(intake.logins).containsExactly(person);
      assertThat(progress.brief()).isEqualTo("7 43");
    }
  }

  @Test
  void leavesAloneWhatIsNotForUsWithoutAWord() throws Exception {
    try (var server = new ScriptedServer()) {
      var header = "From: bob@example.org\r\nTo: x@elsewhere.example\r\n\r\n";
      head(found(examined(loggedIn(server), 7), "43"), header);

      turn(server);

      assertLeftAlone();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "From: eve@example.org\r\nTo: alice@bridge.example\r\n\r\n",
        "From: bob@example.org, eve@example.org\r\nTo: alice@bridge.example\r\n\r\n",
        "From: bob@example.org\r\nFrom: bob@example.org\r\nTo: alice@bridge.example\r\n\r\n"
      })
  void passesOverWhatIsNotThePersons(String header) throws Exception {
    try (var server = new ScriptedServer()) {
      head(found(examined(loggedIn(server), 7), "43"), header);

      turn(server);

      assertLeftAlone("1 " + header.length() + " 5.7.1 Its From is not Bob@example.org alone");
    }
  }

  @Test
  void nobodySpeaksAsThePersonByAMailThatWasDeliveredIntoTheFolder() throws Exception {
    try (var server = new ScriptedServer()) {
      var header = "Return-Path: <eve@x.example>\r\n" + HEADER;
      whole(head(found(examined(loggedIn(server), 7), "43"), header, header.length()), header);

      turn(server);

      assertThat(intake.taken.get(0).envelope().reversePath())
          .contains(new Mailbox("bob", "example.org"));
      assertThat(intake.logins).containsExactly(Optional.empty());
    }
  }

  @Test
  void inEverybodysFolderNobodyIsLoggedIn() throws Exception {
    try (var server = new ScriptedServer()) {
      person = Optional.empty();
      whole(head(found(examined(loggedIn(server), 7), "43"), HEADER));

      turn(server);

      assertThat(intake.logins).containsExactly(Optional.empty());
      assertThat(intake.taken.get(0).envelope().reversePath())
          .contains(new Mailbox("bob", "example.org"));
    }
  }

  @Test
  void takesAReportFromNobody() throws Exception {
    try (var server = new ScriptedServer()) {
      person = Optional.empty();
      var header = "Return-Path: <>\r\nTo: alice@bridge.example\r\n\r\n";
      whole(head(found(examined(loggedIn(server), 7), "43"), header, header.length()), header);

      turn(server);

      assertThat(intake.taken.get(0).envelope().reversePath()).isEmpty();
    }
  }

  @Test
  void passesOverAMailThatNobodyHasWritten() throws Exception {
    try (var server = new ScriptedServer()) {
      person = Optional.empty();
      head(found(examined(loggedIn(server), 7), "43"), "To: alice@bridge.example\r\n\r\n");

      turn(server);

      assertLeftAlone("5.6.0");
    }
  }

  @Test
  void passesOverAHeaderWithoutEnd() throws Exception {
    try (var server = new ScriptedServer()) {
      var header = HEADER.strip() + "\r\n" + "a: b\r\n".repeat(50_000);
      head(found(examined(loggedIn(server), 7), "43"), header.substring(0, 262_145));

      turn(server);

      assertLeftAlone("5.3.4 Its header is larger");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {MAX + 1, 5_000_000_000L})
  void leavesAloneWhatIsTooLargeWithoutAskingForIt(long size) throws Exception {
    try (var server = new ScriptedServer()) {
      head(found(examined(loggedIn(server), 7), "43"), HEADER, size);

      turn(server);

      assertLeftAlone("2 " + HEADER.length() + " 5.3.4 It has " + size + " octets");
    }
  }

  @Test
  void fetchesALargeMailInPieces() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      var mail = HEADER + "0123456789abcdef".repeat(70_000);
      head(found(examined(loggedIn(server), 7), "43"), HEADER, mail.length());
      for (int from = 0; from < mail.length(); from += ImapFolder.PIECE) {
        piece(server, from, mail.substring(from, Math.min(mail.length(), from + ImapFolder.PIECE)));
      }

      turn(server);

      assertThat(intake.text(0)).isEqualTo(mail);
      assertThat(progress.brief()).isEqualTo("7 43");
    }
  }

  @Test
  void aMailThatEndsWhereAPieceEndsIsWhole() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      var mail = HEADER + "x".repeat(ImapFolder.PIECE - HEADER.length());
      head(found(examined(loggedIn(server), 7), "43"), HEADER, mail.length());
      piece(server, 0, mail);
      piece(server, ImapFolder.PIECE, "");

      turn(server);

      assertThat(intake.text(0)).isEqualTo(mail);
    }
  }

  @Test
  void aServerThatGivesNoPiecesMayGiveASmallMailWhole() throws Exception {
    try (var server = new ScriptedServer()) {
      head(found(examined(loggedIn(server), 7), "43"), HEADER).expectTagged(WHOLE);
      server.reply("* 3 FETCH (UID 43 BODY[] {" + MAIL.length() + "}", MAIL + ")");
      server.replyTagged("OK done");

      turn(server);

      assertThat(intake.text(0)).isEqualTo(MAIL);
    }
  }

  @Test
  void takesNothingOfAMailThatGoesOrIsSwappedInTheMiddle() throws Exception {
    var first = HEADER + "x".repeat(ImapFolder.PIECE - HEADER.length());
    for (var second : List.of("* 3 EXPUNGE", "* 3 FETCH (UID 43 BODY[]<0> \"x\")")) {
      try (var server = new ScriptedServer()) {
        max = 10_000_000;
        head(found(examined(loggedIn(server), 7), "43"), HEADER, 2L * first.length());
        piece(server, 0, first);
        server.expectTagged("UID FETCH 43 (UID BODY.PEEK[]<524288.524288>)").reply(second);
        server.replyTagged("OK done");
        if (second.contains("EXPUNGE")) {
          server.expectTagged("UID SEARCH UID 43").reply("* SEARCH").replyTagged("OK done");
        }
        server.drop();

        assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

        assertUntouched();
      }
    }
  }

  @Test
  void aPieceIsNotTakenForTheWholeWhereTheServerDoesNotSayThatItIsOne() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      var first = HEADER + "x".repeat(ImapFolder.PIECE - HEADER.length());
      head(found(examined(loggedIn(server), 7), "43"), HEADER, first.length() + 100L);
      server.expectTagged(WHOLE);
      server.reply("* 3 FETCH (UID 43 BODY[] {" + first.length() + "}", first + ")");
      server.replyTagged("OK done").drop();

      assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

      assertUntouched();
    }
  }

  @Test
  void aWholeMailOfTheSizeOfAPieceMayComeWithoutBeingCalledAPiece() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      var mail = HEADER + "x".repeat(ImapFolder.PIECE - HEADER.length());
      head(found(examined(loggedIn(server), 7), "43"), HEADER, mail.length());
      server.expectTagged(WHOLE);
      server.reply("* 3 FETCH (UID 43 BODY[] {" + mail.length() + "}", mail + ")");
      server.replyTagged("OK done");

      turn(server);

      assertThat(intake.text(0)).isEqualTo(mail);
    }
  }

  /** Without a word about pieces. */
  private static ScriptedServer plainly(ScriptedServer server, String octets) {
    server.expectTagged(WHOLE);
    server.reply("* 3 FETCH (UID 43 BODY[] {" + octets.length() + "}", octets + ")");
    return server.replyTagged("OK done");
  }

  @Test
  void aServerThatGivesNoPiecesMayGiveALargerMailWhole() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      var mail = HEADER + "x".repeat(ImapFolder.PIECE);
      plainly(head(found(examined(loggedIn(server), 7), "43"), HEADER, mail.length()), mail);

      turn(server);

      assertThat(intake.text(0)).isEqualTo(mail);
    }
  }

  @Test
  void lessThanThereIsIsNotTakenForTheWholeOfALargerMail() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      long size = ImapFolder.PIECE + 1L;
      plainly(head(found(examined(loggedIn(server), 7), "43"), HEADER, size), MAIL).drop();

      assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

      assertUntouched();
    }
  }

  @Test
  void aSmallMailMayBeSmallerThanItsServerCounts() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      plainly(head(found(examined(loggedIn(server), 7), "43"), HEADER, ImapFolder.PIECE), MAIL);

      turn(server);

      assertThat(intake.text(0)).isEqualTo(MAIL);
    }
  }

  @Test
  void tellsHowManyOctetsCameWhateverTheServerHasSaid() throws Exception {
    var said = new ListAppender<ILoggingEvent>();
    LOG.addAppender(said);
    LOG.setLevel(Level.INFO);
    said.start();
    try (var server = new ScriptedServer()) {
      plainly(head(found(examined(loggedIn(server), 7), "43"), HEADER, MAIL.length() + 5L), MAIL);

      turn(server);

      assertThat(said.list)
          .extracting(ILoggingEvent::getFormattedMessage)
          .anyMatch(line -> line.endsWith(" octets=" + MAIL.length() + " taken"));
    } finally {
      LOG.setLevel(null);
      LOG.detachAppender(said);
    }
  }

  @Test
  void aServerMayGiveSmallerPiecesThanAreAskedFor() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 10_000_000;
      var mail = HEADER + "0123456789".repeat(50);
      head(found(examined(loggedIn(server), 7), "43"), HEADER, mail.length());
      for (int from = 0; from < mail.length(); from += 300) {
        piece(server, from, mail.substring(from, Math.min(mail.length(), from + 300)));
      }

      turn(server);

      assertThat(intake.text(0)).isEqualTo(mail);
      assertThat(progress.brief()).isEqualTo("7 43");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BODY[]<%d> NIL", "BODY[] NIL", "BODY[]<%d> \"\"", "BODY[]<%d> {0}\r\n"})
  void anEmptyPieceIsTheEndWhereTheServerCountsTooMuch(String empty) throws Exception {
    try (var server = new ScriptedServer()) {
      head(found(examined(loggedIn(server), 7), "43"), HEADER, MAIL.length() + 5L);
      piece(server, 0, MAIL);
      server.expectTagged("UID FETCH 43 (UID BODY.PEEK[]<" + MAIL.length() + ".524288>)");
      server.reply("* 3 FETCH (UID 43 " + String.format(empty, MAIL.length()) + ")");
      server.replyTagged("OK done");

      turn(server);

      assertThat(intake.text(0)).isEqualTo(MAIL);
      assertThat(progress.brief()).isEqualTo("7 43");
    }
  }

  private static void piece(ScriptedServer server, int from, String octets) {
    server.expectTagged("UID FETCH 43 (UID BODY.PEEK[]<" + from + ".524288>)");
    server.reply("* 3 FETCH (UID 43 BODY[]<" + from + "> {" + octets.length() + "}", octets + ")");
    server.replyTagged("OK done");
  }

  /** One answer of its server is all that a folder holds in memory. */
  @Test
  void hangsUpOnAPieceThatIsSaidToBeMuchMoreThanAPiece() throws Exception {
    try (var server = new ScriptedServer()) {
      max = 3_000_000_000L;
      head(found(examined(loggedIn(server), 7), "43"), HEADER, 2_000_000_000).expectTagged(WHOLE);
      server.reply("* 3 FETCH (UID 43 BODY[]<0> {2000000000}").expectHangUp();

      assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

      assertUntouched();
    }
  }

  @Test
  void leavesAloneWhatIsLargerThanItsServerSaid() throws Exception {
    try (var server = new ScriptedServer()) {
      head(found(examined(loggedIn(server), 7), "43"), HEADER).expectTagged(WHOLE);
      var large = HEADER + "x".repeat((int) MAX);
      server.reply("* 3 FETCH (UID 43 BODY[] {" + large.length() + "}", large + ")");
      server.replyTagged("OK done");

      turn(server);

      assertLeftAlone("5.3.4");
    }
  }

  @Test
  void goesOnWhenAMailWasExpungedMeanwhile() throws Exception {
    try (var server = new ScriptedServer()) {
      head(found(examined(loggedIn(server), 7), "43"), HEADER);
      server.expectTagged(WHOLE).reply("* 3 EXPUNGE").replyTagged("OK done");
      server.expectTagged("UID SEARCH UID 43").reply("* SEARCH").replyTagged("OK done");

      turn(server);

      assertLeftAlone();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "* BYE going down\r\n",
        "* 3 FETCH (UID 43 RFC822.SIZE 9 BODY[HEADER]<0> {100}\r\nFrom: b",
        "* 3 FETCH (UID 43 RFC8"
      })
  void comesAgainWhenTheServerEndsInTheMiddle(String last) throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "43").expectTagged(HEAD);
      server.send(last.getBytes(StandardCharsets.UTF_8)).drop();

      assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

      assertUntouched();
    }
  }

  @Test
  void reservesNoMemoryForALiteralThatIsOnlyAnnounced() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "43").expectTagged(HEAD);
      server.reply("* 3 FETCH (UID 43 RFC822.SIZE 9 BODY[HEADER]<0> {2000000000}").expectHangUp();

      assertThatThrownBy(() -> turn(server))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("announces or sends more than");

      assertUntouched();
    }
  }

  @Test
  void endsWithAServerThatSendsWithoutEnd() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "43").expectTagged(HEAD);
      server.flood("* 3 EXISTS\r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII));

      assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

      assertUntouched();
    }
  }

  @Test
  void doesNotTakeAMailWhoseLiteralIsLongerThanAnnounced() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "43").expectTagged(HEAD);
      server.reply("* 3 FETCH (UID 43 RFC822.SIZE 9 BODY[HEADER]<0> {10}", HEADER + ")");
      server.replyTagged("OK done");
      server.expectTagged("UID SEARCH UID 43").reply("* SEARCH 43").replyTagged("OK done");

      assertThatThrownBy(() -> turn(server)).hasMessageContaining("does not give the mail");

      assertUntouched();
    }
  }

  @Test
  void aMailThatIsNeverGivenHoldsUpNoOtherAndIsGivenUpAfterTwoDays() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server), 7), "43 44");
      server.expectTagged(HEAD).replyTagged("NO [SERVERBUG] damaged").expectHangUp();
      found(examined(loggedIn(server), 7), "43 44");
      server.expectTagged(HEAD.replace("43", "44")).replyTagged("OK done");
      server.expectTagged("UID SEARCH UID 44").reply("* SEARCH").replyTagged("OK done");
      found(examined(server, 7), "43 44");
      server.expectTagged(HEAD).replyTagged("NO [SERVERBUG] damaged").expectHangUp();
      for (int i = 2; i < 10; i++) {
        found(examined(loggedIn(server), 7), "43 44");
        server.expectTagged(HEAD).replyTagged("NO [SERVERBUG] damaged").expectHangUp();
      }
      found(examined(loggedIn(server), 7), "43 44").start();

      try (var poll = poll(server, progress)) {
        assertThatThrownBy(poll::turn).hasMessageContaining("damaged");
        assertThat(poll.turn()).isZero();
        for (int i = 1; i < 10; i++) {
          assertUntouched();
          now = now.plus(LateMails.GIVE_UP_AFTER);
          assertThatThrownBy(poll::turn).hasMessageContaining("damaged");
        }
        now = now.plus(LateMails.GIVE_UP_AFTER);
        poll.turn();
      }

      assertThat(progress.brief()).isEqualTo("7 44");
      assertThat(intake.passedOver.get(0)).contains("0 0 5.4.7", "damaged");
    }
  }

  @Test
  void endsAStepThatIsNeverAnswered() throws Exception {
    try (var server = new ScriptedServer()) {
      loggedIn(server).expectTagged("EXAMINE Sent").expectHangUp().start();
      var step = Duration.ofMillis(500);

      try (var poll = poll(server, progress, step, Duration.ofSeconds(10))) {
        assertThatThrownBy(poll::turn).isInstanceOf(IOException.class);
      }

      assertUntouched();
    }
  }

  @Test
  void keepsAMailThatIsPutOffAndTakesItLater() throws Exception {
    try (var server = new ScriptedServer()) {
      whole(head(found(examined(loggedIn(server), 7), "43"), HEADER));
      found(examined(server, 7), "43");
      whole(head(found(examined(server, 7), "43"), HEADER)).start();
      intake.refusal = Optional.of(new MailException("4.7.1", "No more today"));

      try (var poll = poll(server, progress)) {
        poll.turn();
        assertUntouched();
        intake.refusal = Optional.empty();
        assertThat(poll.turn()).as("it is not due").isEqualTo(ImapPoll.POLL);
        assertUntouched();
        now = now.plus(Duration.ofMinutes(1));
        poll.turn();
      }

      assertThat(intake.taken).hasSize(1);
      assertThat(progress.brief()).isEqualTo("7 43");
    }
  }

  @Test
  void givesUpAMailThatIsPutOffForTwoDays() throws Exception {
    try (var server = new ScriptedServer()) {
      whole(head(found(examined(loggedIn(server), 7), "43"), HEADER));
      whole(head(found(examined(server, 7), "43"), HEADER)).start();
      intake.refusal = Optional.of(new MailException("4.7.1", "No more today"));

      try (var poll = poll(server, progress)) {
        poll.turn();
        now = now.plus(LateMails.GIVE_UP_AFTER);
        poll.turn();
      }

      assertLeftAlone("2 " + HEADER.length() + " 5.4.7 It could not be taken for too long: 4.7.1");
    }
  }

  @Test
  void goesOnBehindAMailThatIsRefused() throws Exception {
    try (var server = new ScriptedServer()) {
      whole(head(found(examined(loggedIn(server), 7), "43"), HEADER));
      intake.refusal = Optional.of(new MailException("5.7.1", "The mail filter refuses this mail"));

      turn(server);

      assertLeftAlone();
    }
  }

  @Test
  void waitsUntilTheServerTellsOfMail() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server, " IDLE"), 7), "42");
      server.expectTagged("IDLE").reply("+ idling", "* 2 EXPUNGE", "* 3 EXISTS").expect("DONE");
      server.replyTagged("OK done");

      assertThat(turn(server)).isLessThan(ImapPoll.POLL);
    }
  }

  @Test
  void hearsOfMailBeforeTheServerSaysThatItIdles() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server, " IDLE"), 7), "42");
      server.expectTagged("IDLE").reply("* 3 EXISTS", "+ idling").expect("DONE");
      server.replyTagged("OK done");

      assertThat(turn(server)).isLessThan(ImapPoll.POLL);
    }
  }

  @Test
  void looksAgainWhenMailCameWhileItSearched() throws Exception {
    try (var server = new ScriptedServer()) {
      examined(loggedIn(server, " IDLE"), 7).expectTagged("UID SEARCH UID 43:*");
      server.reply("* SEARCH 42", "* 4 EXISTS").replyTagged("OK done");

      assertThat(turn(server)).isLessThan(ImapPoll.POLL);
    }
  }

  @Test
  void renewsIdleInTime() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server, " IDLE"), 7), "42");
      server.expectTagged("IDLE").reply("+ idling").expect("DONE").replyTagged("OK done");
      found(examined(server, 7), "42");
      server.expectTagged("IDLE").reply("+ idling").expect("DONE").replyTagged("OK done").start();

      try (var poll = poll(server, progress, Duration.ofSeconds(10), Duration.ofMillis(100))) {
        poll.turn();
        poll.turn();
      }

      assertUntouched();
    }
  }

  @Test
  void hearsAGoodbyeWhileItWaits() throws Exception {
    try (var server = new ScriptedServer()) {
      found(examined(loggedIn(server, " IDLE"), 7), "42");
      server.expectTagged("IDLE").reply("+ idling", "* BYE for a restart").drop();

      assertThatThrownBy(() -> turn(server)).isInstanceOf(IOException.class);

      assertUntouched();
    }
  }

  @Test
  void stopsWhileItWaits() throws Exception {
    try (var server = new ScriptedServer();
        var poll = poll(server, progress)) {
      found(examined(loggedIn(server, " IDLE"), 7), "42");
      server.expectTagged("IDLE").reply("+ idling").tell(poll::stop).expectHangUp().start();

      assertThatThrownBy(poll::turn).isInstanceOf(IOException.class);
      assertThatThrownBy(poll::turn).isInstanceOf(UndeliveredException.class);

      assertUntouched();
    }
  }

  @Test
  void saysThatTheLoginIsRefused() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("* OK [CAPABILITY IMAP4rev1] ready").expectTagged("LOGIN bob");
      server.replyTagged("NO [AUTHENTICATIONFAILED] wrong");

      assertThatThrownBy(() -> turn(server))
          .isInstanceOf(UndeliveredException.class)
          .hasMessageContaining("4.7.8")
          .hasMessageNotContaining("s3cret");
    }
  }
}
