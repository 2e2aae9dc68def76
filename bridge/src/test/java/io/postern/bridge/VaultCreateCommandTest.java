package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.xmtp.identity.Mnemonic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultCreateCommandTest {
  private static final Pattern WORD = Pattern.compile("(\\d+) ([a-z]+)");

  @TempDir Path folder;
  private TestCommand command;

  @BeforeEach
  void open() throws Exception {
    command = TestCommand.in(folder);
  }

  /** A person with good eyes, who answers by what is on the screen. */
  private static final class Person implements Terminal {
    private final List<String> screen = new ArrayList<>();
    private final List<String> all = new ArrayList<>();
    private final BiFunction<String, String, Optional<String>> answers;

    /**
     * @param answers by the question and the word that is asked for
     */
    Person(BiFunction<String, String, Optional<String>> answers) {
      this.answers = answers;
    }

    @Override
    public void say(String line) {
      screen.add(line);
      all.add(line);
    }

    @Override
    public Optional<String> ask(String question) {
      var number = question.replaceAll("\\D", "");
      return answers.apply(question, words().get(Integer.parseInt(number) - 1));
    }

    @Override
    public void clear() {
      screen.clear();
    }

    List<String> words() {
      return all.stream()
          .filter(line -> line.matches(" +\\d+ .*"))
          .flatMap(line -> WORD.matcher(line).results())
          .map(found -> found.group(2))
          .toList();
    }
  }

  private String create(Person person) {
    return command.run(new VaultCreateCommand(() -> Optional.of(person)));
  }

  @Test
  void showsTheWordsOnceAndLeavesNoneOnTheScreen() throws Exception {
    var person = new Person((question, word) -> Optional.of(" " + word.toUpperCase() + " "));

    var first = create(person);
    var second = create(new Person((question, word) -> Optional.of(word)));

    assertThat(first).startsWith("0 ").contains("made " + command.data().resolve("vault.key"));
    assertThat(person.words()).hasSize(24);
    Mnemonic.parse(String.join(" ", person.words())).erase();
    assertThat(person.screen).hasSize(1);
    assertThat(second).startsWith("1 the words of this seed were shown before");
  }

  @Test
  void wordsThatWereNotTypedCanBeShownAgainAndAreTheSame() {
    var hasty = new Person((question, word) -> Optional.of("postern"));
    var gone = new Person((question, word) -> Optional.empty());
    var patient = new Person((question, word) -> Optional.of(word));

    assertThat(create(hasty)).startsWith("1 ").contains("do not count as shown");
    assertThat(hasty.screen).isEmpty();
    assertThat(create(gone)).startsWith("1 ").contains("do not count as shown");
    assertThat(create(patient)).startsWith("0 ");
    assertThat(patient.words()).isEqualTo(hasty.words()).isEqualTo(gone.words());
  }

  @Test
  void oneMistypedWordIsForgiven() {
    var tries = new ArrayList<String>();
    var person =
        new Person(
            (question, word) -> {
              tries.add(question);
              return Optional.of(tries.size() == 1 ? "oops" : word);
            });

    assertThat(create(person)).startsWith("0 ");
    assertThat(tries).hasSize(3);
  }

  @Test
  void makesNothingWhereNobodySeesIt() {
    var said = command.run(new VaultCreateCommand(Optional::empty));

    assertThat(said).startsWith("1 ").contains("on a terminal only").contains("--yes-print");
    assertThat(Files.exists(command.data())).isFalse();
  }

  @Test
  void printsTheWordsToAProgramThatWantsThem() throws Exception {
    var said = command.run(new VaultCreateCommand(Optional::empty), "--yes-print");

    var line = said.lines().filter(l -> l.replaceFirst("^0 ", "").split(" ").length == 24);
    assertThat(line.toList()).hasSize(1);
    assertThat(command.run(new VaultCreateCommand(Optional::empty), "--yes-print"))
        .startsWith("1 the words of this seed were shown before");
  }
}
