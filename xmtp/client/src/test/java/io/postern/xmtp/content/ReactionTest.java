package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
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
}
