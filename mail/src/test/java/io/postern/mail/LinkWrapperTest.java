package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkWrapperTest {
  @Test
  void endsOnManyLinksFilledWithPadding() {
    // A pattern for the padding would be tried at each sign of each of the links, to its end.
    var link = "https://x.protection.sophos.com/?u=" + "=".repeat(8000) + "x ";
    var text = link.repeat(1000);

    assertThat(LinkWrapper.unwrapAll(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3Dc%26d&data=05%7C01&reserved=0"
            + " https://example.org/a?b=c&d",
        "https://nam02.safelinks.protection.outlook.com/ap/w-59584e83/?url=https%3A%2F%2Fexample.org%2F&amp;data=1"
            + " https://example.org/",
        "https://www.google.com/url?q=https://example.org/x%3Fy&sa=D https://example.org/x?y",
        "https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fexample.org https://example.org",
        "https://urldefense.proofpoint.com/v1/url?u=http://example.org/a&k=1 http://example.org/a",
        "https://urldefense.proofpoint.com/v2/url?u=http-3A__www.example.org_a-2Db&d=DwMF"
            + " http://www.example.org/a-b",
        "https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fexample.org%2fx&c=E,1,abc"
            + " https://example.org/x",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2F&h=AT0 https://example.org/",
        "https://secure-web.cisco.com/1a-b_c/https%3A%2F%2Fexample.org%2Fp%3Fq%3D1"
            + " https://example.org/p?q=1",
        "https://protect.checkpoint.com/v2/___https://example.org/x___.YzJ1Omh"
            + " https://example.org/x",
        "https://eu-west-1.protection.sophos.com/?d=example.org&u=aHR0cHM6Ly9leGFtcGxlLm9yZy94&p=m"
            + " https://example.org/x",
        "https://protect2.fireeye.com/url?k=1&q=1&u=https%3A%2F%2Fexample.org%2F"
            + " https://example.org/",
      })
  void unwraps(String wrapped, String target) {
    assertThat(LinkWrapper.unwrap(wrapped)).isEqualTo(target);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "https://urldefense.com/v3/__https://example.org/a?b=c__;!!Aut!Xy$"
            + " https://example.org/a?b=c",
        "https://urldefense.com/v3/__https://example.org/*x__;Iw!!Aut!Xy$ https://example.org/#x",
        "https://urldefense.com/v3/__https:/example.org/*x__;Iw!!Aut!Xy$ https://example.org/#x",
        "https://urldefense.us/v3/__https://example.org/**A__;Iys!!Aut!Xy$ https://example.org/#+",
        "https://urldefense.com/v3/__https://example.org/*a**B*__;w6TDtsO8w58j!!A!X$"
            + " https://example.org/äaöüß#",
      })
  void fillsInWhatProofpointTookOut(String wrapped, String target) {
    assertThat(LinkWrapper.unwrap(wrapped)).isEqualTo(target);
  }

  @Test
  void fillsInRunsOfEveryLength() {
    var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < letters.length(); i++) {
      var run = "+".repeat(i + 2);
      var characters =
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(run.getBytes(StandardCharsets.UTF_8));
      var wrapped =
          "https://urldefense.com/v3/__https://example.org/**"
              + letters.charAt(i)
              + "end__;"
              + characters
              + "!!A!B$";

      assertThat(LinkWrapper.unwrap(wrapped)).isEqualTo("https://example.org/" + run + "end");
    }
  }

  @Test
  void unwrapsWhatSeveralFiltersWrapped() {
    var inner = "https://urldefense.com/v3/__https://example.org/__;!!A!B$";
    var outer =
        "https://eur01.safelinks.protection.outlook.com/?url="
            + "https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Fexample.org%2F__%3B!!A!B%24";

    assertThat(LinkWrapper.unwrap(inner)).isEqualTo("https://example.org/");
    assertThat(LinkWrapper.unwrap(outer)).isEqualTo("https://example.org/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://example.org/?url=https%3A%2F%2Fexample.net",
        "https://safelinks.protection.outlook.com.example.org/?url=https%3A%2F%2Fexample.net",
        "https://user@eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.net",
        "https://eur01.safelinks.protection.outlook.com/?url=javascript%3Aalert(1)",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%0d%0aX%3A",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2F%e2%80%ae",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2",
        "https://eur01.safelinks.protection.outlook.com/?url=%ff%fe",
        "https://eur01.safelinks.protection.outlook.com/?url=",
        "https://eur01.safelinks.protection.outlook.com/",
        "https://protect-eu.mimecast.com/s/abc?domain=example.org",
        "https://urldefense.com/v3/__https://example.org/*x__;!!Aut!Xy$",
        "https://urldefense.com/v3/__https://example.org/**Ax__;Iw!!Aut!Xy$",
        "https://urldefense.com/v3/__https://example.org/**",
        "https://urldefense.com/v3/____;!$",
        "https://www.google.com/url?q=/relative",
        "https://secure-web.cisco.com/x",
        "mailto:a@example.org",
        "",
      })
  void leavesWhatIsNoWrapperOrHidesItsTarget(String url) {
    assertThat(LinkWrapper.unwrap(url)).isEqualTo(url);
  }

  @Test
  void endsWithAWrapperInAWrapperWithoutEnd() {
    var url = "https://example.org/";
    for (int i = 0; i < 8; i++) {
      url = "https://www.google.com/url?q=" + url.replace("%", "%25").replace("&", "%26");
    }

    assertThat(LinkWrapper.unwrap(url)).startsWith("https://www.google.com/url?q=");
  }

  @Test
  void unwrapsEachLinkOfAText() {
    var text =
        "See https://www.google.com/url?q=https://example.org/a,"
            + " (https://www.google.com/url?q=https://example.org/b).\n"
            + "And <https://www.google.com/url?q=https://example.org/c&sa=D> or"
            + " https://example.org/d!";

    assertThat(LinkWrapper.unwrapAll(text))
        .isEqualTo(
            "See https://example.org/a, (https://example.org/b)."
                + "\nAnd <https://example.org/c> or https://example.org/d!");
    assertThat(LinkWrapper.unwrapAll("no link")).isEqualTo("no link");
    assertThat(LinkWrapper.unwrapAll("https://")).isEqualTo("https://");
  }

  @Test
  void noTextMakesItFailOrRunAway() {
    var pieces =
        new String[] {
          "https://",
          "urldefense.com/v3/__",
          "__;",
          "!",
          "*",
          "**",
          "A",
          "%",
          "%41",
          " ",
          "\n",
          "www.google.com/url?q=",
          "&",
          "=",
          "___.",
          "protect.checkpoint.com/v2/___",
          "\ud83d"
        };
    for (int seed = 0; seed < 300; seed++) {
      var random = new SplittableRandom(seed);
      var text = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      assertThat(LinkWrapper.unwrapAll(text.toString())).isNotNull();
    }
    for (var piece : pieces) {
      var large = "https://urldefense.com/v3/__" + piece.repeat(1_000_000 / piece.length());
      assertThat(LinkWrapper.unwrapAll(large)).isNotNull();
    }
  }
}
