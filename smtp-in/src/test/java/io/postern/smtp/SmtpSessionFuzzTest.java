package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mail.auth.Verdict;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a client says, it hears replies only, and no mail comes through with a bare CR or LF.
 */
class SmtpSessionFuzzTest {
  private static final SmtpSettings SETTINGS = TestServer.settings();

  @TempDir Path folder;

  @FuzzTest(maxDuration = "10m")
  void answersWithRepliesAndTakesFramedMailsOnly(byte[] said) throws Exception {
    var heard = new ByteArrayOutputStream();
    try (var spool = Spool.open(folder, Clock.systemUTC())) {
      MailJudge judge =
          mail -> {
            try (var octets = mail.open()) {
              assertFramed(octets.readAllBytes());
            }
            return new MailJudge.Taken(Verdict.none());
          };
      var reception =
          new Reception(
              (recipient, soFar) -> new RecipientCheck.Served(),
              judge,
              new LoopCheck(List.of("bridge.example")),
              spool);
      var limits = new SenderLimits(SETTINGS);
      var around =
          new Surroundings(
              SETTINGS, reception, limits, new LoginLimits(), Optional::empty, () -> false);
      var wire = new Wire(new Conversation(said, heard), SETTINGS);
      var loopback = InetAddress.getLoopbackAddress();
      boolean behindProxy = said.length > 0 && (said[0] == 'P' || said[0] == '\r');
      try (var place = (SenderLimits.Place) limits.enter()) {
        new SmtpSession(wire, loopback, ListenerKind.MX, place, behindProxy, around).run();
      }
    }

    for (var line : heard.toString(StandardCharsets.ISO_8859_1).split("\r\n")) {
      assertThat(line).matches("[2-5]\\d\\d[ -][ -~]*|"); // Empty if a proxy was dropped.
    }
  }

  private static void assertFramed(byte[] octets) {
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] == '\n') {
        assertThat(i > 0 && octets[i - 1] == '\r').as("LF at %d", i).isTrue();
      } else if (octets[i] == '\r') {
        assertThat(i + 1 < octets.length && octets[i + 1] == '\n').as("CR at %d", i).isTrue();
      }
    }
  }
}
