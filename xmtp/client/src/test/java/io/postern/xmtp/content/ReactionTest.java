package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReactionTest {
  @ParameterizedTest
  @CsvSource({
    "UNICODE, 👍, 👍",
    "UNICODE, U+1F603, 😃",
    "UNICODE, U+2764 U+FE0F, ❤️",
    "UNICODE, U+D83D, U+D83D",
    "UNICODE, U+110000, U+110000",
    "UNICODE, U+1F603x, U+1F603x",
    "SHORTCODE, U+1F603, U+1F603",
    "SHORTCODE, :smile:, :smile:",
    "CUSTOM, nice one, nice one",
  })
  void showsCodePointsAsCharacters(Reaction.Schema schema, String content, String shown) {
    var reaction = new Reaction("", Optional.empty(), Reaction.Action.ADDED, content, schema);

    assertThat(reaction.shown()).isEqualTo(shown);
  }

  @Test
  void standsUntilItIsTakenOff() {
    var standing = new LinkedHashSet<>(List.of("👍"));

    reaction(Reaction.Action.ADDED, "❤️").change(standing);
    reaction(Reaction.Action.ADDED, "❤️").change(standing);
    reaction(Reaction.Action.REMOVED, "👍").change(standing);
    reaction(Reaction.Action.REMOVED, "🎉").change(standing);

    assertThat(standing).containsExactly("❤️");
  }

  @Test
  void anActionThatIsNotKnownTakesNothingOff() {
    var standing = new LinkedHashSet<>(List.of("👍"));

    reaction(Reaction.Action.UNSPECIFIED, "👍").change(standing);

    assertThat(standing).containsExactly("👍");
  }

  private static Reaction reaction(Reaction.Action action, String emoji) {
    return new Reaction("", Optional.empty(), action, emoji, Reaction.Schema.UNICODE);
  }
}
