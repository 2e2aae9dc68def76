package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports of failures as many servers write them, and mails that are none. */
class BounceSuitesTest {
  /** Complaints (RFC 5965) and holiday replies are no bounces; the suite has some. */
  private static boolean isNoBounce(String name) {
    return name.startsWith("arf-") || name.startsWith("rfc3834-");
  }

  @Test
  void knowsTheBouncesOfSisimai() throws Exception {
    int bounces = 0;
    int known = 0;
    int withStatus = 0;
    var missed = new ArrayList<String>();
    for (var file : Suites.files("sisimai")) {
      var name = file.getFileName().toString();
      if (!name.endsWith(".eml") || isNoBounce(name)) {
        continue;
      }
      bounces++;
      var report = Bounce.read(MailReader.read(Files.readAllBytes(file)));
      if (report.isPresent()) {
        known++;
        withStatus += report.get().recipients().get(0).status().endsWith(".0.0") ? 0 : 1;
      } else {
        missed.add(name);
      }
    }

    System.out.printf(
        "sisimai: %d of %d bounces recognised (%.1f %%), %d with a full status%n  missed: %s%n",
        known, bounces, 100.0 * known / bounces, withStatus, missed);
    assertThat(100.0 * known / bounces).isGreaterThanOrEqualTo(95);
  }

  @Test
  void takesNoOtherMailForABounce() throws Exception {
    var taken = new ArrayList<String>();
    for (var suite : List.of("mikel", "chatmail", "mime4j", "sisimai")) {
      for (var file : Suites.files(suite)) {
        var name = file.getFileName().toString();
        if (!name.matches(".*\\.(eml|msg)")
            || suite.equals("sisimai") && !isNoBounce(name)
            || file.toFile().length() == 0) {
          continue;
        }
        var mail = MailReader.read(Files.readAllBytes(file));
        if (mail.report().isEmpty() && Bounce.read(mail).isPresent()) {
          taken.add(suite + "/" + name);
        }
      }
    }
    // Both are bounces, which chatmail collected, too.
    assertThat(taken).containsExactlyInAnyOrder("chatmail/gmx_ndn.eml", "chatmail/yahoo_ndn.eml");
  }
}
