package io.postern.out;

import static io.postern.out.Sample.brief;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.postern.mail.MailId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutgoingMailTest {
  private static OutgoingMail mail(String text) throws UndeliveredException {
    return OutgoingMail.of(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void findsIdAndDate() throws Exception {
    var mail =
        mail(
            "X: Message-ID: <no@no>\r\nmessage-id:\r\n <x-1@bridge.example>\r\n"
                + "DATE: Wed, 25 Nov 2026\r\n\t12:00:00 +0200\r\n\r\nMessage-ID: <body@no>\r\n");

    assertThat(mail.id()).contains(new MailId("<x-1@bridge.example>"));
    assertThat(mail.date()).contains(Instant.parse("2026-11-25T10:00:00Z"));
  }

  @Test
  void doesWithoutIdAndDate() throws Exception {
    var mail = mail("Date: yesterday\r\n\r\na\r\n\r\nMessage-ID: <body@no>\r\n\r\n");

    assertThat(mail.id()).isEmpty();
    assertThat(mail.date()).isEmpty();
  }

  @Test
  void tellsAHeaderInUtf8FromABody() throws Exception {
    assertThat(mail("A: b\r\n\r\nc\r\n").isEightBit()).isFalse();
    assertThat(mail("A: b\r\n\r\n\u00fc\r\n").isEightBit()).isTrue();
    assertThat(mail("A: b\r\n\r\n\u00fc\r\n").hasUtf8Header()).isFalse();
    assertThat(mail("A: b\r\n\r\n\u00fc\r\n\r\nc\r\n").hasUtf8Header()).isFalse();
    assertThat(mail("A: \u00fc\r\n\r\nc\r\n").hasUtf8Header()).isTrue();
    assertThat(mail("A: \u00fc\r\n").hasUtf8Header()).isTrue();
    assertThat(mail("\r\n\u00fc\r\n").hasUtf8Header()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "A: b",
        "A: b\r\n\r\nc",
        "A: b\n\r\n",
        "A: b\r\n\r\nc\rd\r\n",
        "A: b\r\n\r\nc\n",
        "A: b\r\n\r\nc\r\r\n",
        "A: b\r\n\r\n\0\r\n"
      })
  void refusesWhatCannotTravelUnchanged(String text) {
    var stop = catchThrowableOfType(UndeliveredException.class, () -> mail(text));

    assertThat(brief(stop.outcome())).isEqualTo("Refused 5.6.0");
  }

  @Test
  void makesNoCopyOfALargeMail() throws Exception {
    var octets = Sample.OCTETS.clone();

    assertThat(OutgoingMail.of(octets).octets()).isSameAs(octets);
    assertThat(octets).isEqualTo(Sample.OCTETS);
  }

  @Test
  void allows998OctetsOnALine() throws Exception {
    assertThat(mail("A: b\r\n\r\n" + "a".repeat(998) + "\r\n").size()).isEqualTo(1_008);

    var stop =
        catchThrowableOfType(
            UndeliveredException.class, () -> mail("A: b\r\n\r\n" + "a".repeat(999) + "\r\n"));

    assertThat(stop.outcome().toString()).contains("999 octets");
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void receiverUnstuffsWhatWasStuffed(long seed) {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder();
    for (int line = random.nextInt(1, 20); line > 0; line--) {
      random
          .ints(random.nextInt(6), 0, 3)
          .forEach(choice -> text.append(choice == 0 ? '.' : choice == 1 ? 'a' : ' '));
      text.append("\r\n");
    }
    var octets = text.toString().getBytes(StandardCharsets.US_ASCII);

    var stuffed = new String(DotStuffing.stuff(octets), StandardCharsets.US_ASCII);

    // RFC 5321 §4.5.2, the receiver's part.
    assertThat(stuffed.lines()).noneMatch("."::equals);
    assertThat(stuffed.replaceAll("(?m)^\\.", "")).isEqualTo(text.toString());
  }
}
