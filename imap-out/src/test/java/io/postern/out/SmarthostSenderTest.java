package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.STUFFED;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transcripts of mail transactions, without TLS and login. */
class SmarthostSenderTest {
  private static SmarthostSender sender(int port, SmtpTimeouts timeouts) {
    var settings = new Deliver.Smarthost("127.0.0.1", port, Optional.empty(), TlsMode.NONE);
    return new SmarthostSender(settings, Sample.client(timeouts));
  }

  private static Delivery send(ScriptedServer server, Envelope envelope, byte[] octets) {
    server.start();
    return sender(server.port(), Sample.patient()).send(envelope, octets);
  }

  /** Greets and offers these extensions. */
  private static ScriptedServer greeted(String... extensions) throws Exception {
    var server = new ScriptedServer();
    server.reply("220 mx.example.org ESMTP").expect("EHLO bridge.example");
    var lines = new String[extensions.length + 1];
    lines[0] = "mx.example.org at your service";
    System.arraycopy(extensions, 0, lines, 1, extensions.length);
    for (int i = 0; i < lines.length; i++) {
      lines[i] = (i < lines.length - 1 ? "250-" : "250 ") + lines[i];
    }
    return server.reply(lines);
  }

  @Test
  void deliversAndKeepsTheServersWords() throws Exception {
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 2.1.0 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 2.1.5 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 2.0.0 Ok: queued as 4XYZ");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(delivery).isEqualTo(new Delivery.Delivered("2.0.0 Ok: queued as 4XYZ"));
    }
  }

  @Test
  void asksAServerThatCanForReportsOfFailuresAndDelays() throws Exception {
    try (var server = greeted("DSN")) {
      server
          .expect("MAIL FROM:<b-0f+a@bridge.example> RET=HDRS ENVID=b-0f+2Ba@bridge.example")
          .reply("250 2.1.0 ok");
      server
          .expect(
              "RCPT TO:<bob=x@example.org> NOTIFY=FAILURE,DELAY"
                  + " ORCPT=rfc822;bob+3Dx@example.org")
          .reply("250 2.1.5 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 2.0.0 taken");

      var delivery = send(server, envelope("b-0f+a@bridge.example", "bob=x@example.org"), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void asksForNoReportOfAMailFromNobody() throws Exception {
    try (var server = greeted("DSN")) {
      server.expect("MAIL FROM:<>").reply("250 2.1.0 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 2.1.5 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 2.0.0 taken");

      var delivery = send(server, Envelope.fromNobody(envelope().forwardPaths()), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void anEnvelopeIdBeyondItsLimitIsLeftOut() throws Exception {
    var domain = "a".repeat(60) + "." + "b".repeat(30) + ".example";
    try (var server = greeted("DSN")) {
      server.expect("MAIL FROM:<alice@" + domain + "> RET=HDRS").reply("250 2.1.0 ok");
      server
          .expect("RCPT TO:<bob@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob@example.org")
          .reply("250 2.1.5 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 2.0.0 taken");

      var delivery = send(server, envelope("alice@" + domain, "bob@example.org"), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void pipelinesMailAndRecipientsButNotData() throws Exception {
    try (var server = greeted("PIPELINING")) {
      server.expect("MAIL FROM:<alice@bridge.example>");
      server.expect("RCPT TO:<bob@example.org>");
      server.expect("RCPT TO:<carol@example.org>");
      server.reply("250 2.1.0 ok", "250 2.1.5 ok", "250 2.1.5 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 2.0.0 taken");
      var envelope = envelope("alice@bridge.example", "bob@example.org", "carol@example.org");

      var delivery = send(server, envelope, OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void sendsToAllRecipientsOrToNone() throws Exception {
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("RCPT TO:<carol@example.org>").reply("550 5.1.1 who?");
      server.expect("QUIT").reply("221 bye");
      var envelope = envelope("alice@bridge.example", "bob@example.org", "carol@example.org");

      var delivery = send(server, envelope, OCTETS);

      assertThat(delivery)
          .isEqualTo(
              new Delivery.Refused(
                  "5.1.1",
                  "127.0.0.1 answered RCPT TO:<carol@example.org> with: 550 5.1.1 who?",
                  true));
    }
  }

  @Test
  void sendsFromTheNullSender() throws Exception {
    try (var server = greeted()) {
      server.expect("MAIL FROM:<>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 ok");
      var envelope = Envelope.fromNobody(List.of(Sample.mailbox("bob@example.org")));

      var delivery = send(server, envelope, OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void greetsAnOldServerWithHelo() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 old.example.org");
      server.expect("EHLO bridge.example").reply("502 never heard of it");
      server.expect("HELO bridge.example").reply("250 hello");
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 ok");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  private enum Place {
    GREETING,
    EHLO,
    MAIL,
    RCPT,
    DATA,
    FINAL_DOT;

    /** Plays a transaction in which all goes well until this place. */
    void lead(ScriptedServer server) {
      if (this == GREETING) {
        return;
      }
      server.reply("220 mx.example.org").expect("EHLO bridge.example");
      if (this == EHLO) {
        return;
      }
      server.reply("250 mx.example.org").expect("MAIL FROM:<alice@bridge.example>");
      if (this == MAIL) {
        return;
      }
      server.reply("250 ok").expect("RCPT TO:<bob@example.org>");
      if (this == RCPT) {
        return;
      }
      server.reply("250 ok").expect("DATA");
      if (this == DATA) {
        return;
      }
      server.reply("354 go ahead").expectOctets(STUFFED);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GREETING,  421 4.3.2 busy,        Deferred 4.3.2",
    "GREETING,  554 5.7.1 not you,     Refused 5.7.1",
    "GREETING,  250 hello,             Deferred 4.5.0",
    "EHLO,      451 later,             Deferred 4.0.0",
    "MAIL,      451 4.3.0 later,       Deferred 4.3.0",
    "MAIL,      550 5.7.1 not you,     Refused 5.7.1",
    "MAIL,      354 what,              Deferred 4.5.0",
    "RCPT,      450 4.2.0 greylisted,  Deferred 4.2.0",
    "RCPT,      550 5.1.1 no such,     Refused 5.1.1",
    "RCPT,      550 4.1.1 in two minds, Refused 5.0.0",
    "RCPT,      450 5.1.1 in two minds, Deferred 4.0.0",
    "RCPT,      550 no such,           Refused 5.0.0",
    "RCPT,      550,                   Refused 5.0.0",
    "DATA,      451 4.3.5 later,       Deferred 4.3.5",
    "DATA,      554 5.5.1 no,          Refused 5.5.1",
    "DATA,      250 what,              Deferred 4.5.0",
    "FINAL_DOT, 452 4.2.2 mailbox full, Deferred 4.2.2",
    "FINAL_DOT, 554 5.7.1 spam,        Refused 5.7.1",
    "FINAL_DOT, 250 2.0.0 taken,       Delivered",
    "FINAL_DOT, 354 more,              Deferred 4.5.0"
  })
  void decidesByTheReplyCode(Place place, String reply, String outcome) throws Exception {
    try (var server = new ScriptedServer()) {
      place.lead(server);
      server.reply(reply);

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo(outcome);
    }
  }

  @ParameterizedTest
  @CsvSource({"GREETING,false", "MAIL,false", "RCPT,true", "DATA,true", "FINAL_DOT,true"})
  void onlyAnswersToTheRecipientAndTheMailAreAboutTheRecipient(Place place, boolean expected)
      throws Exception {
    try (var server = new ScriptedServer()) {
      place.lead(server);
      server.reply("550 5.1.1 no such mailbox");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(delivery)
          .isInstanceOfSatisfying(
              Delivery.Refused.class,
              refused -> assertThat(refused.isOfRecipient()).isEqualTo(expected));
    }
  }

  @Test
  void neverDecidesByTheText() throws Exception {
    try (var server = new ScriptedServer()) {
      Place.RCPT.lead(server);
      server.reply("450-550 5.1.1 permanent failure", "450 refused for ever, 550");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.0.0");
      assertThat(words(delivery)).contains("450 550 5.1.1 permanent failure refused for ever, 550");
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void waitsWhenTheConnectionBreaks(Place place) throws Exception {
    try (var server = new ScriptedServer()) {
      place.lead(server);
      server.drop();

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery).contains("a duplicate")).isEqualTo(place == Place.FINAL_DOT);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void waitsWhenTheServerFallsSilent(Place place) throws Exception {
    try (var server = new ScriptedServer()) {
      place.lead(server);
      server.expectHangUp().start();

      var delivery = sender(server.port(), Sample.impatient()).send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery)).contains("no answer within 1000 ms");
      assertThat(words(delivery).contains("a duplicate")).isEqualTo(place == Place.FINAL_DOT);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void aSessionThatBreaksBeforeTheMailWasGivenClosesTheWay(Place place) throws Exception {
    try (var server = new ScriptedServer()) {
      place.lead(server);
      server.drop();

      var delivery = send(server, envelope(), OCTETS);

      assertThat(((Delivery.Deferred) delivery).isOfRoute()).isEqualTo(place != Place.FINAL_DOT);
    }
  }

  @Test
  void aLargeMailIsGivenMoreTime() {
    var session = SmtpTimeouts.standard().session();

    assertThat(session).isEqualTo(Duration.ofMinutes(10));
    assertThat(SmtpTimeouts.carrying(6_000_000)).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void givesUpOnASessionThatTakesTooLongAltogether() throws Exception {
    try (var server = new ScriptedServer()) {
      Place.FINAL_DOT.lead(server);
      server.expectHangUp().start();
      var sender = sender(server.port(), Sample.impatientAltogether());

      var delivery = sender.send(envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery)).contains("a duplicate");
    }
  }

  @Test
  void keepsTheReplyThatCameBeforeTheConnectionBroke() throws Exception {
    try (var server = greeted("PIPELINING")) {
      server.expect("MAIL FROM:<alice@bridge.example>");
      server.expect("RCPT TO:<bob@example.org>");
      server.reply("421 4.3.2 shutting down").drop();

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.3.2");
    }
  }

  @Test
  void waitsWhenTheConnectionBreaksAmidTheMail() throws Exception {
    var large = ("X: y\r\n\r\n" + "0123456789abcdef\r\n".repeat(1_000_000)).getBytes();
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectSome(1_000).drop();

      var delivery = send(server, envelope(), large);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery)).contains("before it had the whole mail");
    }
  }

  @Test
  void givesUpOnAServerThatStopsReading() throws Exception {
    var large = ("X: y\r\n\r\n" + "0123456789abcdef\r\n".repeat(1_000_000)).getBytes();
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.stopReading().start();

      var delivery = sender(server.port(), Sample.impatient()).send(envelope(), large);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.4.2");
      assertThat(words(delivery)).contains("before it had the whole mail");
    }
  }

  @Test
  void waitsWhenNobodyListens() throws Exception {
    int freed;
    try (var listener = new ServerSocket(0)) {
      freed = listener.getLocalPort();
    }

    var delivery = sender(freed, Sample.patient()).send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Deferred 4.4.1");
  }

  @Test
  void waitsWhenTheSmarthostsNameDoesNotResolve() {
    var settings = new Deliver.Smarthost("smarthost.invalid", 25, Optional.empty(), TlsMode.NONE);

    var delivery =
        new SmarthostSender(settings, Sample.client(Sample.patient())).send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Deferred 4.4.3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "250-mx.example.org\r\n"})
  void hangsUpOnEndlessReplies(String octets) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org").expect("EHLO bridge.example");
      server.flood(octets.getBytes());

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.5.0");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "SSH-2.0-OpenSSH_9.2", "99 bottles", "2500 ok", "25 ok", "HTTP/1.1 400 Bad"})
  void hangsUpOnGarbage(String line) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply(line);

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.5.0");
    }
  }

  @Test
  void tellsOfAPossibleDuplicateWhenTheLastReplyIsGarbage() throws Exception {
    try (var server = new ScriptedServer()) {
      Place.FINAL_DOT.lead(server);
      server.reply("OK queued");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Deferred 4.5.0");
      assertThat(words(delivery)).contains("a duplicate with the same Message-ID is possible");
    }
  }

  @Test
  void cleansTheServersWords() throws Exception {
    try (var server = new ScriptedServer()) {
      Place.RCPT.lead(server);
      server.reply("550-5.1.1 \u001b[31mred\u202e", "550 5.1.1 " + "very ".repeat(600) + "long");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(words(delivery)).contains("550 5.1.1 [31mred very very ").hasSizeLessThan(600);
      assertThat(words(delivery).chars()).noneMatch(c -> c < ' ' || c == 0x202e);
    }
  }

  @Test
  void declaresTheSize() throws Exception {
    try (var server = greeted("SIZE 1000000")) {
      server.expect("MAIL FROM:<alice@bridge.example> SIZE=" + OCTETS.length).reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(STUFFED).reply("250 ok");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void doesNotOfferWhatTheServerSaysIsTooLarge() throws Exception {
    try (var server = greeted("SIZE 100")) {
      server.expect("QUIT").reply("221 bye");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.3.4");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIZE", "SIZE 0", "SIZE 99999999999999999999", "size lots"})
  void takesAnUnreadableSizeForNoLimit(String extension) throws Exception {
    try (var server = greeted(extension)) {
      server.expect("MAIL FROM:<alice@bridge.example> SIZE=" + OCTETS.length).reply("550 enough");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.0.0");
    }
  }

  private static byte[] eightBit() {
    return "Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n".getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void sendsEightBitsAsTheyAre() throws Exception {
    try (var server = greeted("8BITMIME", "SMTPUTF8")) {
      server.expect("MAIL FROM:<alice@bridge.example> BODY=8BITMIME").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(eightBit()).expect(".").reply("250 ok");

      var delivery = send(server, envelope(), eightBit());

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void refusesEightBitsWhereTheServerTakesSeven() throws Exception {
    try (var server = greeted("PIPELINING")) {
      server.expect("QUIT").reply("221 bye");

      var delivery = send(server, envelope(), eightBit());

      assertThat(brief(delivery)).isEqualTo("Refused 5.6.3");
    }
  }

  @Test
  void asksForUtf8OnlyWhenItIsNeeded() throws Exception {
    try (var server = greeted("SMTPUTF8")) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("550 seen enough");

      var delivery = send(server, envelope(), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.0.0");
    }
  }

  @Test
  void asksForUtf8WhenAnAddressNeedsIt() throws Exception {
    try (var server = greeted("SMTPUTF8")) {
      server.expect("MAIL FROM:<alice@bridge.example> SMTPUTF8").reply("250 ok");
      server.expect("RCPT TO:<b\u00f6b@xn--bcher-kva.example>").reply("550 seen enough");

      var delivery =
          send(server, envelope("alice@bridge.example", "b\u00f6b@b\u00fccher.example"), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.0.0");
    }
  }

  @Test
  void refusesAnAddressThatTheServerCannotCarry() throws Exception {
    try (var server = greeted("8BITMIME")) {
      server.expect("QUIT").reply("221 bye");

      var delivery = send(server, envelope("alice@bridge.example", "b\u00f6b@example.org"), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.6.7");
    }
  }

  @Test
  void refusesAHeaderThatTheServerCannotCarry() throws Exception {
    var octets = "Subject: Gr\u00fc\u00dfe\r\n\r\nx\r\n".getBytes(StandardCharsets.UTF_8);
    try (var server = greeted("8BITMIME")) {
      server.expect("QUIT").reply("221 bye");

      var delivery = send(server, envelope(), octets);

      assertThat(brief(delivery)).isEqualTo("Refused 5.6.9");
    }
  }

  @Test
  void needsNoUtf8ForAnInternationalDomain() throws Exception {
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@xn--bcher-kva.example>").reply("550 seen enough");

      var delivery =
          send(server, envelope("alice@bridge.example", "bob@b\u00fccher.example"), OCTETS);

      assertThat(brief(delivery)).isEqualTo("Refused 5.0.0");
    }
  }

  @Test
  void refusesMalformedMailWithoutConnecting() throws Exception {
    var bareLf = "Subject: x\r\n\r\na\nb\r\n".getBytes(StandardCharsets.US_ASCII);
    try (var server = new ServerSocket(0)) {
      var delivery = sender(server.getLocalPort(), Sample.patient()).send(envelope(), bareLf);

      assertThat(brief(delivery)).isEqualTo("Refused 5.6.0");
    }
  }

  @Test
  void sendsTheLongestLineAsItIs() throws Exception {
    var line = new byte[OutgoingMail.MAX_LINE];
    Arrays.fill(line, (byte) 'a');
    var octets = ("X: y\r\n\r\n" + new String(line, StandardCharsets.US_ASCII) + "\r\n").getBytes();
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
      server.expect("DATA").reply("354 go ahead");
      server.expectOctets(octets).expect(".").reply("250 ok");

      var delivery = send(server, envelope(), octets);

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void quotesALocalPartThatNeedsIt() throws Exception {
    try (var server = greeted()) {
      server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
      server.expect("RCPT TO:<\"a> b\"@example.org>").reply("550 5.1.1 no");

      var delivery = send(server, envelope("alice@bridge.example", "\"a> b\"@example.org"), OCTETS);

      assertThat(words(delivery)).contains("RCPT TO:<\"a> b\"@example.org> with: 550");
    }
  }
}
