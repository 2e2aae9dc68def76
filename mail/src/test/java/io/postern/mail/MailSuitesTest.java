package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real and broken mails that others have collected. */
class MailSuitesTest {
  private static List<Path> mails(String suite) throws IOException {
    return Suites.files(suite).stream()
        .filter(file -> file.toString().matches(".*\\.(eml|msg|txt)|.*/fixtures/.*|.*/maildir/.*"))
        .filter(file -> !file.toString().matches(".*(LICENSE|_decoded|expected).*"))
        // One file of mikel is empty on purpose; no octets are no mail.
        .filter(file -> file.toFile().length() > 0)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"mime4j,75", "mikel,90", "chatmail,90", "sisimai,600"})
  void readsEachMailOf(String suite, int atLeast) throws IOException {
    var refused = new ArrayList<String>();
    var mails = mails(suite);

    Assertions.assertTimeoutPreemptively(
        // Not a measure of speed: a reader that does not end is found here.
        Duration.ofMinutes(5),
        () -> {
          for (var file : mails) {
            try {
              var mail = MailReader.read(Files.readAllBytes(file));
              assertThat(ReadableMail.of(mail).text()).isNotNull();
            } catch (MailException unreadable) {
              refused.add(file.getFileName() + ": " + unreadable.getMessage());
            }
          }
        });

    assertThat(mails).hasSizeGreaterThan(atLeast);
    assertThat(refused).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mikel", "chatmail"})
  void readsWhatIsExpectedOf(String suite) throws Exception {
    var table = SuiteExpectations.of(suite);
    var files = new HashMap<String, Path>();
    mails(suite).forEach(file -> files.put(file.getFileName().toString(), file));
    var unmet = new ArrayList<String>();
    var known = new ArrayList<String>();

    for (var entry : table.mails().entrySet()) {
      assertThat(files).containsKey(entry.getKey());
      var mail = MailReader.read(Files.readAllBytes(files.get(entry.getKey())));
      for (var expected : entry.getValue()) {
        if (expected.otherwise()) {
          known.add(entry.getKey() + ": " + expected);
        }
        if (!expected.isMet(mail)) {
          unmet.add(entry.getKey() + ": " + expected);
        }
      }
    }

    System.out.printf(
        "%s: %d of %d facts about %d mails; otherwise: %s%n",
        suite, table.size() - unmet.size(), table.size(), table.mails().size(), unmet);
    assertThat(unmet).containsExactlyElementsOf(known);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chatmail", "mikel", "mime4j"})
  void meetsTruncatedAndDamagedMailsWithNoOtherExceptionThanItsOwn(String suite)
      throws IOException {
    var random = new SplittableRandom(suite.hashCode());
    int refused = 0;

    for (var file : mails(suite)) {
      var whole = Files.readAllBytes(file);
      for (int i = 0; i < 3 && whole.length > 0 && whole.length < 200_000; i++) {
        var damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
        for (int n = random.nextInt(4); n > 0 && damaged.length > 0; n--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        try {
          assertThat(ReadableMail.of(MailReader.read(damaged)).text()).isNotNull();
        } catch (MailException unreadable) {
          refused++;
        }
      }
    }

    assertThat(refused).isLessThan(mails(suite).size());
  }

  @ParameterizedTest
  @CsvSource({"sisimai,319"})
  void understandsTheReportsOf(String suite, int atLeast) throws Exception {
    int reports = 0;
    int understood = 0;
    for (var file : mails(suite)) {
      var mail = MailReader.read(Files.readAllBytes(file));
      if (mail.reportType().equals("delivery-status")) {
        reports++;
        understood += mail.report().isPresent() ? 1 : 0;
      }
    }

    System.out.printf("sisimai: %d of %d RFC 3464 reports understood%n", understood, reports);
    assertThat(understood).isGreaterThanOrEqualTo(atLeast);
  }
}
