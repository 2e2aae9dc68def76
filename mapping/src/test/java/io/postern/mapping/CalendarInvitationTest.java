package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.OutgoingLines.byBob;
import static io.postern.mapping.OutgoingLines.composed;
import static io.postern.mapping.OutgoingLines.id;
import static io.postern.mapping.OutgoingLines.line;
import static io.postern.mapping.OutgoingLines.of;
import static io.postern.mapping.OutgoingLines.withheld;
import static io.postern.mapping.OutgoingLines.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Draft;
import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reaction.Action;
import io.postern.xmtp.content.Reaction.Schema;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5546 §3.2.3, RFC 6047; spec/content-types.md §10.13. */
class CalendarInvitationTest {
  private static final Instant AT = Instant.parse("2026-02-03T10:00:00Z");
  private static final Mailbox BOB = mailbox("bob@mail.example");
  private static final Mailbox ALICE = mailbox("alice@bridge.example");
  private static final Mailbox OTHERWISE = mailbox("0xaa@bridge.example");

  private static final String EVENT =
      "UID:abc-1@mail.example\nSEQUENCE:2\nSUMMARY:Lunch\\, and tea\n"
          + "ORGANIZER;CN=Bob:MAILTO:Bob@mail.example\n"
          + "ATTENDEE;CN=Carol:mailto:carol@x.example\n"
          + "ATTENDEE;RSVP=TRUE:mailto:Alice@bridge.example";

  private static byte[] calendar(String method, String event) {
    var text =
        "BEGIN:VCALENDAR\nMETHOD:"
            + method
            + "\nBEGIN:VEVENT\n"
            + event
            + "\nEND:VEVENT\nEND:VCALENDAR\n";
    return text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  private static Optional<CalendarInvitation> read(String method, String event) {
    return CalendarInvitation.read(
        calendar(method, event), BOB, box -> box.canonical().equals(ALICE), OTHERWISE);
  }

  private static CalendarInvitation read(String event) {
    return read("REQUEST", event).orElseThrow();
  }

  private static PeerLines.Target card() {
    return byBob("<m-50@mail.example>", 50, "📅 Lunch").inviting(read("REQUEST", EVENT));
  }

  private static PeerLines.Line reaction(int n, Action action, String emoji) {
    Content content =
        new Reaction(id(50).toString(), Optional.empty(), action, emoji, Schema.UNICODE);
    return line(n, content).about(card());
  }

  @Test
  void answersWithWhatTheOrganizerKnowsItBy() {
    assertThat(read(EVENT).answer(Participation.TENTATIVE, AT))
        .isEqualTo(
            String.join(
                "\n",
                "BEGIN:VCALENDAR",
                "PRODID:-//Postern//Postern//EN",
                "VERSION:2.0",
                "METHOD:REPLY",
                "BEGIN:VEVENT",
                "UID:abc-1@mail.example",
                "DTSTAMP:20260203T100000Z",
                "SEQUENCE:2",
                "ORGANIZER:mailto:Bob@mail.example",
                "ATTENDEE;PARTSTAT=TENTATIVE:mailto:Alice@bridge.example",
                "SUMMARY:Lunch\\, and tea",
                "END:VEVENT",
                "END:VCALENDAR",
                ""));
  }

  @Test
  void theOneInvitedIsThePeersOwnAddressIfNoGuestIs() {
    assertThat(read(EVENT.replace("Alice@bridge", "alice@other")).attendee()).isEqualTo(OTHERWISE);
  }

  @ParameterizedTest
  @CsvSource({
    "RECURRENCE-ID;TZID=Europe/Berlin:20260204T110000,RECURRENCE-ID:20260204T100000Z",
    "RECURRENCE-ID;TZID=W. Europe Standard Time:20260204T110000,RECURRENCE-ID:20260204T100000Z",
    "RECURRENCE-ID;TZID=My own:20260204T110000,",
    "RECURRENCE-ID;TZID=Own:20260204T110000,RECURRENCE-ID;TZID=Own:20260204T110000",
    "RECURRENCE-ID:20260204T110000Z,RECURRENCE-ID:20260204T110000Z",
    "RECURRENCE-ID;VALUE=DATE:20260204,RECURRENCE-ID;VALUE=DATE:20260204",
    "RECURRENCE-ID:soon,"
  })
  void oneOfManyIsAnsweredAloneOrNotAtAll(String property, String written) {
    var invitation = read("REQUEST", EVENT + "\n" + property);

    assertThat(invitation.map(read -> read.answer(Participation.ACCEPTED, AT)).orElse(""))
        .satisfies(
            answer -> {
              if (written == null) {
                assertThat(answer).isEmpty();
              } else {
                assertThat(answer.lines()).contains(written);
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"CANCEL", "REPLY", "PUBLISH", ""})
  void onlyARequestInvites(String method) {
    assertThat(read(method, EVENT)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ORGANIZER:mailto:victim@elsewhere.example",
        "ORGANIZER:mailto:bob@mail.example.evil.example",
        "ORGANIZER:mailto:bob@mail.example\\nx@y.example",
        "ORGANIZER:mailto:bob@mail.example?cc=victim@elsewhere.example",
        "ORGANIZER:https://mail.example/bob",
        "ORGANIZER:bob@mail.example",
        "X-NONE:1"
      })
  void nobodyIsAnsweredWhomOnlyTheCalendarNames(String organizer) {
    assertThat(read("REQUEST", "UID:1\n" + organizer)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UID:a\rATTENDEE;PARTSTAT=DECLINED:mailto:x@y.example",
        "UID:a\u0000b",
        "UID:a\u0085b",
        "UID:a\u2028b",
        "UID:",
        "X-UID:1"
      })
  void aUidThatCouldEndItsLineIsNotAnswered(String uid) {
    assertThat(read("REQUEST", uid + "\nORGANIZER:mailto:bob@mail.example")).isEmpty();
  }

  @Test
  void noWordOfTheCalendarBecomesALineOfTheAnswer() {
    var answer =
        read("UID:a\\nATTENDEE:x\nSUMMARY:X\\r\\nMETHOD:CANCEL\rEND:VCALENDAR\\;\\,\u2028Z\n"
                + "SEQUENCE:1\\nX\nORGANIZER:mailto:bob@mail.example\n"
                + "ATTENDEE:mailto:alice@bridge.example\\nX-INJECTED:1")
            .answer(Participation.ACCEPTED, AT);

    assertThat(answer.lines())
        .hasSize(13)
        .allMatch(
            line ->
                line.matches(
                    "(BEGIN|END|PRODID|VERSION|METHOD|UID|DTSTAMP|SEQUENCE|ORGANIZER|ATTENDEE|SUMMARY)[:;].*"))
        .contains("METHOD:REPLY", "SEQUENCE:0", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:" + OTHERWISE);
    assertThatThrownBy(() -> new CalendarInvitation("a\r\nb", 0, Optional.empty(), BOB, ALICE, "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void linesAreFoldedAt75Octets() {
    var uid = "ü".repeat(200);
    var answer =
        read("UID:" + uid + "\nORGANIZER:mailto:bob@mail.example")
            .answer(Participation.ACCEPTED, AT);

    assertThat(answer.lines()).allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= 75);
    assertThat(answer.replace("\n ", "")).contains("UID:" + uid + "\n");
  }

  @Test
  void takesAnyOctets() {
    var random = new SplittableRandom(13);
    var whole = calendar("REQUEST", EVENT);

    for (int round = 0; round < 3000; round++) {
      var octets = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int i = 0; i < octets.length / 30; i++) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
      }
      CalendarInvitation.read(octets, BOB, box -> true, OTHERWISE)
          .ifPresent(
              invitation ->
                  assertThat(invitation.answer(Participation.DECLINED, AT))
                      .endsWith("END:VCALENDAR\n")
                      .doesNotContain("\r"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "👍,ACCEPTED",
    "👍🏽,ACCEPTED",
    "✅,ACCEPTED",
    "✔️,ACCEPTED",
    "👎,DECLINED",
    "❌,DECLINED",
    "🤔,TENTATIVE",
    "❓,TENTATIVE",
    "Accept,ACCEPTED",
    "'  accepted! ',ACCEPTED",
    "J’accepte,ACCEPTED",
    "Zusage,ACCEPTED",
    "maybe.,TENTATIVE",
    "vielleicht,TENTATIVE",
    "decline,DECLINED",
    "rechazo,DECLINED"
  })
  void knowsAnswersByEmojiAndByWord(String said, Participation answer) {
    assertThat(Participation.of(new Text(said))).contains(answer);
    assertThat(Participation.of(Reply.to(id(50), OutgoingLines.ALICE.value(), new Text(said))))
        .contains(answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"accept that?", "I cannot accept", "🎉", "yes", "", "👍👎", "👍 maybe"})
  void takesNothingElseForAnAnswer(String said) {
    assertThat(Participation.of(new Text(said))).isEmpty();
  }

  @Test
  void aReactionToAnInvitationIsAnAnswerForCalendars() {
    var mail = composed(of(reaction(1, Action.ADDED, "👍")));
    var octets = written(of(reaction(1, Action.ADDED, "👍")));

    assertThat(mail.draft().body()).isInstanceOf(Draft.CalendarAnswer.class);
    assertThat(mail.draft().to()).extracting(named -> named.mailbox()).containsExactly(BOB);
    assertThat(octets)
        .contains("Content-Type: multipart/alternative")
        .contains("Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n")
        .contains("\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:Alice@bridge.example\r\n")
        .contains("alice.eth accepted: Lunch, and tea\r\n")
        .contains("In-Reply-To: <m-50@mail.example>");
  }

  @Test
  void theLastOfSeveralAnswersCounts() {
    var octets = written(of(reaction(1, Action.ADDED, "👍"), reaction(2, Action.ADDED, "👎")));

    assertThat(octets).contains("PARTSTAT=DECLINED").doesNotContain("PARTSTAT=ACCEPTED");
  }

  @Test
  void anAnswerThatWasTakenBackIsNone() {
    assertThat(withheld(of(reaction(1, Action.ADDED, "👍"), reaction(2, Action.REMOVED, "👍"))))
        .contains("taken back");
    assertThat(
            written(
                of(
                    reaction(1, Action.ADDED, "👍"),
                    reaction(2, Action.REMOVED, "👍"),
                    reaction(3, Action.ADDED, "🤔"))))
        .contains("PARTSTAT=TENTATIVE")
        .doesNotContain("ACCEPTED");
  }

  @Test
  void anAnswerAmongOtherWordsKeepsThem() {
    var octets = written(of(reaction(1, Action.ADDED, "👍"), line(2, new Text("I bring cake"))));

    assertThat(octets).contains("PARTSTAT=ACCEPTED").contains("I bring cake");
  }

  @Test
  void anotherEmojiOnAnInvitationStaysAReaction() {
    var octets = written(of(reaction(1, Action.ADDED, "🎉")));

    assertThat(octets).doesNotContain("text/calendar").contains("Content-Disposition: reaction");
  }
}
