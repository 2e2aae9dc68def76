package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.AuthenticationResults.MethodResult;
import io.postern.mail.auth.AuthenticationResults.Property;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationResultsTest {
  @Test
  void writesOneFoldedField() {
    var results =
        new AuthenticationResults(
            "mx.bridge.example",
            List.of(
                MethodResult.of(
                    "spf", "pass", new Property("smtp", "mailfrom", "bob@mail.example")),
                new MethodResult(
                    "dkim",
                    "fail",
                    "the body has changed since it was signed",
                    List.of(
                        new Property("header", "d", "mail.example"),
                        new Property("header", "b", "ab/c+d=="))),
                MethodResult.of("dmarc", "none")));

    assertThat(results.field())
        .isEqualTo(
            "Authentication-Results: mx.bridge.example;\r\n"
                + "\tspf=pass smtp.mailfrom=bob@mail.example;\r\n"
                + "\tdkim=fail reason=\"the body has changed since it was signed\"\r\n"
                + "\t header.d=mail.example header.b=\"ab/c+d==\";\r\n"
                + "\tdmarc=none\r\n");
    assertThat(new AuthenticationResults("mx.bridge.example", List.of()).field())
        .isEqualTo("Authentication-Results: mx.bridge.example; none\r\n");
  }

  @Test
  void readsBackWhatItWroteWhateverTheValuesHold() {
    var random = new SplittableRandom(7);
    var marks = "ab\"\\ ();=@<>,:\u00e9.";
    for (int i = 0; i < 500; i++) {
      var value = new StringBuilder();
      for (int n = random.nextInt(20); n >= 0; n--) {
        value.append(marks.charAt(random.nextInt(marks.length())));
      }
      var written =
          new AuthenticationResults(
              "mx.example",
              List.of(
                  new MethodResult(
                      "spf",
                      "fail",
                      value.toString(),
                      List.of(new Property("smtp", "mailfrom", value.toString())))));

      var read = AuthenticationResults.parse(value(written.field()));

      assertThat(read).contains(written);
    }
  }

  private static String value(String field) {
    return field.substring(field.indexOf(':') + 1).replace("\r\n", "");
  }

  @Test
  void staysOneFieldWhateverTheValuesHold() {
    var evil = "x\r\nBcc: all@evil.example\r\n\r\n<script>\u0000\u2028";
    var field =
        new AuthenticationResults(
                "mx.example",
                List.of(
                    new MethodResult(
                        "spf", "fail", evil, List.of(new Property("smtp", "helo", evil)))))
            .field();

    assertThat(field.lines().filter(line -> !line.startsWith("\t"))).hasSize(1);
    assertThat(field.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
    assertThat(field).doesNotContain("\u0000");
  }

  @Test
  void readsWhatOthersWrite() {
    var read =
        AuthenticationResults.parse(
            """
             (a (nested) comment) mx.google.com 1;
                   dkim=pass (2048-bit key) header.i=@ekiri.ee header.s=default header.b=TX/uC+lsq=;
                   arc=pass (i=1 spf=pass spfdomain=ekiri.ee);
                   spf=neutral (google.com: 209.85.220.41; "is" neither) smtp.mailfrom="a b"@tr.ee;
                   ;; nonsense; dmarc/1 = Pass reason="well; so" header.from=tr.ee
            """);

    assertThat(read).isPresent();
    assertThat(read.get().host()).isEqualTo("mx.google.com");
    assertThat(read.get().results())
        .extracting(MethodResult::method)
        .containsExactly("dkim", "arc", "spf", "dmarc");
    var dkim = read.get().result("dkim").orElseThrow();
    assertThat(dkim.property("header", "i")).contains("@ekiri.ee");
    assertThat(dkim.property("header", "b")).contains("TX/uC+lsq=");
    assertThat(read.get().result("spf").orElseThrow().property("smtp", "mailfrom"))
        .contains("a b@tr.ee");
    assertThat(read.get().result("dmarc").orElseThrow().result()).isEqualTo("pass");
    assertThat(read.get().result("dmarc").orElseThrow().reason()).isEqualTo("well; so");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mx.bridge.example; none | true",
        "MX.Bridge.Example 1; spf=pass | true",
        "(hello) mx.bridge.example (there) 1 (you); spf=pass | true",
        "\"mx.bridge.example\"; spf=pass | true",
        "mx.bridge.example.; spf=pass | true",
        "mx.bridge.example | true",
        "(unclosed mx.bridge.example; spf=pass | true",
        "; mx.bridge.example | true",
        "mx.bridge.example extra words; spf=pass | true",
        "mx.google.com; spf=pass smtp.helo=mx.bridge.example | false",
        "notmx.bridge.example; none | false",
        "; spf=pass | false"
      })
  void tellsWhatIsWrittenInOurName(String value, boolean forged) {
    assertThat(AuthenticationResults.isForgery(value, "mx.bridge.example")).isEqualTo(forged);
  }

  @Test
  void whoHasLoggedInIsNamedAndNoDomainVouchesForThem() {
    var login = new Mailbox("bob", "example.org");

    var verdict = Verdict.loggedIn("mx.bridge.example", login);

    assertThat(verdict.results())
        .isEqualTo(
            "Authentication-Results: mx.bridge.example;\r\n"
                + "\tauth=pass smtp.auth=bob@example.org\r\n");
    assertThat(verdict.authenticatedDomain()).isEmpty();
    assertThat(verdict.returnable()).isTrue();
  }

  @Test
  void readsRandomTextToItsEnd() {
    var random = new SplittableRandom(3);
    var marks = "a=.;\"\\() \t/@1";
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder();
      for (int n = random.nextInt(40); n > 0; n--) {
        text.append(marks.charAt(random.nextInt(marks.length())));
      }
      AuthenticationResults.parse(text.toString())
          .ifPresent(read -> assertThat(read.host()).isNotEmpty());
    }
    assertThat(AuthenticationResults.parse("a" + ";a=b".repeat(100_000)).orElseThrow().results())
        .hasSize(100);
    assertThat(AuthenticationResults.parse("(".repeat(1_000_000))).isEmpty();
  }
}
