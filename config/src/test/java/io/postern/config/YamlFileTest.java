package io.postern.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlFileTest {
  private final Problems problems = new Problems("a.yml");

  @Test
  void knowsTheLineOfEverything() {
    var root = (YamlNode.Mapping) YamlFile.read("# c\na:\n  b: 1\nc: [x,\n y]\n", problems).get();

    var a = root.entries().get(0);
    var b = ((YamlNode.Mapping) a.value()).entries().get(0);
    var c = (YamlNode.Sequence) root.entries().get(1).value();
    assertEquals(
        List.of(2, 3, 4, 5), List.of(a.line(), b.line(), c.line(), c.items().get(1).line()));
    assertTrue(problems.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:", "a: ~", "a: null"})
  void nothingWrittenIsAbsent(String text) {
    assertTrue(value(text).isAbsent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: ''", "a: 'null'", "a: \"~\"", "a: Null and void"})
  void whatIsQuotedIsText(String text) {
    assertFalse(value(text).isAbsent());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a: &x 1 | a.yml:1: sets an anchor",
        "'a: *x' | a.yml:1: refers to an anchor",
        "a: !!java.net.URL x | a.yml:1: has a tag",
        "a: !x {} | a.yml:1: has a tag",
        "'[a]: b' | a.yml:1: has a list or a section where a key should stand",
        "'{a: b}: c' | a.yml:1: has a list or a section where a key should stand",
        "'a: [1' | is not YAML here",
        "'a: \"' | is not YAML here",
        "'\ta: b' | a.yml:1: is not YAML here",
        "'a: b: c' | a.yml:1: is not YAML here",
      })
  void refuses(String text, String words) {
    assertEquals(Optional.empty(), YamlFile.read(text, problems));

    assertThat(problems.exception()).hasMessageContaining(words);
  }

  @Test
  void aKeyStandsOnceWhateverItsQuotes() {
    YamlFile.read("quiet: 1s\nweb: {}\n\"quiet\": 2s\n", problems);

    assertThat(problems.exception())
        .hasMessage(
            "a.yml:3: \"quiet\" stands here a second time, after line 1; take one of them out");
  }

  @Test
  void refusesASecondDocument() {
    assertEquals(Optional.empty(), YamlFile.read("a: 1\n---\na: 2\n", problems));

    assertThat(problems.exception()).hasMessageStartingWith("a.yml:2: begins a second document");
  }

  @Test
  void aBillionLaughsEndAtTheFirstAnchor() {
    var text = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (int i = 1; i < 10; i++) {
      text.append("a%d: &a%d [%s]\n".formatted(i, i, "*a%d, ".formatted(i - 1).repeat(9)));
    }

    assertEquals(Optional.empty(), YamlFile.read(text.toString(), problems));

    assertThat(problems.exception()).hasMessageStartingWith("a.yml:1: sets an anchor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- ", "? "})
  void depthHasALimit(String opening) {
    assertEquals(Optional.empty(), YamlFile.read(opening.repeat(100_000), problems));

    assertThat(problems.exception().problems()).hasSize(1);
  }

  @Test
  void lengthHasALimit() {
    var text = "#".repeat(YamlFile.MAX_CHARACTERS + 1);

    assertEquals(Optional.empty(), YamlFile.read(text, problems));

    assertThat(problems.exception()).hasMessageContaining("is it the right file?");
  }

  @Test
  void aMessageIsOneLineWhateverTheKeys() {
    YamlFile.read("\"a\\nb\\e[2J\": 1\n\"a\\nb\\e[2J\": 2\n", problems);

    assertThat(problems.exception().getMessage())
        .doesNotContain("\n", "\u001b")
        .contains("a?b?[2J");
  }

  @Test
  void aFileOfNonsenseIsNotAnsweredLineByLine() {
    YamlFile.read("a: 1\n".repeat(5_000), problems);

    assertThat(problems.exception().problems()).hasSize(100);
  }

  private YamlNode.Scalar value(String text) {
    var root = (YamlNode.Mapping) YamlFile.read(text, problems).get();
    return (YamlNode.Scalar) root.entries().get(0).value();
  }
}
