package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathArgumentTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '!',
      value = {
        "FROM:<bob@example.org>, bob@example.org",
        "from:<>, !!",
        "From: <bob@example.org>, bob@example.org",
        "FROM:<\"a>b\"@example.org>, \"a>b\"@example.org",
        "FROM:<\"a\\\"> b\"@example.org>, \"a\\\"> b\"@example.org",
        "FROM:<@one.example:bob@example.org>, bob@example.org",
      })
  void findsThePath(String argument, String path) throws Exception {
    assertEquals(path, PathArgument.parse(argument, "FROM").path());
  }

  @Test
  void ignoresASourceRouteOfSeveralHosts() throws Exception {
    var argument = PathArgument.parse("TO:<@a.example,@b.example:bob@example.org>", "TO");

    assertEquals("bob@example.org", argument.path());
  }

  @Test
  void readsParametersInAnyPlace() throws Exception {
    var argument = PathArgument.parse("FROM:<> BODY=8BITMIME size=12  SMTPUTF8", "FROM");

    assertEquals(Map.of("BODY", "8BITMIME", "SIZE", "12", "SMTPUTF8", ""), argument.parameters());
    assertThat(argument.parameters().keySet()).containsExactly("BODY", "SIZE", "SMTPUTF8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "FROM",
        "FROM:",
        "TO:<bob@example.org>",
        "FROM:bob@example.org",
        "FROM:<bob@example.org",
        "FROM:<\"bob>@example.org",
        "FROM:<\"bob\\",
        "FROM:<bob@example.org>SIZE=1",
        "FROM:<bob@example.org> =1",
        "FROM:<bob@example.org> SIZE=",
        "FROM:<bob@example.org> SIZE=1=2",
        "FROM:<bob@example.org> SIZE=1 size=2",
        "FROM:<bob@example.org> -X=2",
        "FROM:<bob@example.org> <x@example.org>",
      })
  void refusesAMalformedArgument(String argument) {
    var refused = assertThrows(CommandException.class, () -> PathArgument.parse(argument, "FROM"));

    assertEquals("5.5.4", refused.reply().status());
  }

  @Test
  void meetsRandomTextWithItsOwnExceptionOnly() {
    var random = new SplittableRandom(7);
    var alphabet = "FROM:<>\"\\@, =aZ0-.é";
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder(random.nextBoolean() ? "FROM:<" : "");
      for (int length = random.nextInt(30); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        PathArgument.parse(text.toString(), "FROM");
      } catch (CommandException refused) {
        assertEquals(501, refused.reply().code());
      }
    }
  }
}
