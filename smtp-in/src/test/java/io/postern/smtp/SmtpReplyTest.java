package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.mail.MailException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmtpReplyTest {
  @Test
  void writesCodeAndStatusOnEachLine() {
    var reply = new SmtpReply(550, "5.1.1", List.of("first", "second"));

    assertEquals("550-5.1.1 first\r\n550 5.1.1 second\r\n", text(reply));
  }

  @Test
  void aTextFromAStrangerCannotAddAReply() {
    var reply = SmtpReply.of(550, "5.1.1", "no\r\n250 2.0.0 yes \u202e\u0000");

    assertEquals("550 5.1.1 no 250 2.0.0 yes ??\r\n", text(reply));
  }

  @Test
  void foldsLongTextIntoLinesOf512Octets() {
    var reply = SmtpReply.of(554, "5.6.0", "word ".repeat(1_000));

    for (var line : text(reply).split("\r\n")) {
      assertThat(line.length()).isLessThanOrEqualTo(510);
    }
    assertEquals(1_000, text(reply).split("word", -1).length - 1);
  }

  @Test
  void cutsATextWithoutEnd() {
    assertThat(SmtpReply.of(554, "5.6.0", "x".repeat(1 << 20)).lines()).hasSize(20);
  }

  @ParameterizedTest
  @CsvSource({"5.1.1, 550", "5.7.26, 550", "5.3.4, 552", "5.6.0, 554", "5.4.6, 554", "4.4.1, 451"})
  void findsTheCodeForAStatus(String status, int code) {
    assertEquals(code, SmtpReply.refusing(new MailException(status, "why")).code());
  }

  @ParameterizedTest
  @CsvSource({"250, 5.1.1", "550, 4.0.0", "550, 5.1", "550, x", "199, ''", "600, ''"})
  void refusesCodeAndStatusThatDoNotGoTogether(int code, String status) {
    assertThrows(IllegalArgumentException.class, () -> SmtpReply.of(code, status, "text"));
  }

  private static String text(SmtpReply reply) {
    return new String(reply.octets(), StandardCharsets.US_ASCII);
  }
}
