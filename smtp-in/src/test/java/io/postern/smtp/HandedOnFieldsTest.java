package io.postern.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandedOnFieldsTest {
  private static final String HOST = "mx.bridge.example";

  private static String removed(String mail) {
    var octets = new ByteArrayInputStream(mail.getBytes(StandardCharsets.ISO_8859_1));
    try (var left = HandedOnFields.of(octets, HOST)) {
      return new String(left.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authentication-Results: mx.bridge.example; spf=pass\r\n",
        "authentication-results:MX.Bridge.Example;\r\n\tspf=pass\r\n dkim=pass\r\n",
        "Authentication-Results: (a comment) mx.bridge.example 1; none\r\n"
      })
  void takesOutWhatIsWrittenInOurName(String forged) {
    assertEquals(
        "From: a\r\nTo: b\r\n\r\ntext\r\n",
        removed("From: a\r\n" + forged + "To: b\r\n\r\ntext\r\n"));
    assertEquals("From: a\r\n", removed("From: a\r\n" + forged));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bcc: dave@example.org\r\n",
        "BCC:\r\n",
        "bcc : dave@example.org,\r\n\teve@example.org,\r\n carol@example.org\r\n",
        "Bcc\t: dave@example.org\r\nBcc: eve@example.org\r\n",
        "Resent-Bcc: dave@example.org\r\n"
      })
  void takesOutWhoGotABlindCopy(String blind) {
    assertEquals(
        "From: a\r\nTo: b\r\n\r\ntext\r\n",
        removed("From: a\r\n" + blind + "To: b\r\n\r\ntext\r\n"));
    assertEquals("\r\ntext\r\n", removed(blind + "\r\ntext\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Bcc: dave\r\nSubject: Bcc: dave\r\n Bcc: dave\r\n\r\n",
        "From: a\r\n\r\nBcc: dave\r\n",
        "Bcc dave",
        "Authentication-Results: mx.example.org; spf=pass\r\n\r\ntext\r\n",
        "X-Authentication-Results: mx.bridge.example; spf=pass\r\n\r\n",
        "From: a\r\n\r\nAuthentication-Results: mx.bridge.example; spf=pass\r\n",
        "",
        "\r\n"
      })
  void leavesTheRestAsItIs(String mail) {
    assertEquals(mail, removed(mail));
  }

  @Test
  void readsRandomOctetsToTheirEnd() {
    var random = new SplittableRandom(1);
    var alphabet = "Authentication-Results: x;\r\n\t ";
    for (int i = 0; i < 2_000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(80); n > 0; n--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      var mail = text.toString();
      assertEquals(mail, removed(mail), "nothing in it is of " + HOST);
    }
  }
}
