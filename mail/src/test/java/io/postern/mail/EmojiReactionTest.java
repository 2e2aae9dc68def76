package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmojiReactionTest {
  private static final MailId TARGET = new MailId("<a@x>");

  private static Optional<EmojiReaction> read(String type, String body) throws MailException {
    return MailReader.read(("In-Reply-To: <a@x>\r\n" + type + "\r\n\r\n" + body).getBytes(UTF_8))
        .reaction();
  }

  private static final String RFC9078 =
      "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: reaction";
  private static final String GMAIL = "Content-Type: text/vnd.google.email-reaction+json";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "👍",
        "👍🏽",
        "❤️",
        "❤",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        "1️⃣",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "☺",
        "🫠",
        "⭐",
        "🏳️‍🌈"
      })
  void knowsEmoji(String emoji) throws Exception {
    assertThat(EmojiReaction.isEmoji(emoji)).isTrue();
    assertThat(read(RFC9078, emoji + "\r\n"))
        .contains(new EmojiReaction(TARGET, List.of(emoji), true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "1", "👍👍", "👍a", "🇩", "‍👍", "👍‍", ":+1:", "#", "\u202e👍"})
  void refusesWhatIsNoEmoji(String text) {
    assertThat(EmojiReaction.isEmoji(text)).isFalse();
  }

  @Test
  void keepsTheEmojiOfASetAndDropsTheRest() throws Exception {
    assertThat(read(RFC9078, "👍 x 👍 🎉\r\n"))
        .contains(new EmojiReaction(TARGET, List.of("👍", "🎉"), true));
    assertThat(read(RFC9078, "hello\r\n")).isEmpty();
  }

  @Test
  void readsGmailsFormStrictly() throws Exception {
    assertThat(read(GMAIL, "{\"emoji\":\"\\ud83d\\udc4d\",\"version\":1}"))
        .contains(new EmojiReaction(TARGET, List.of("👍"), false));
    for (var json :
        List.of(
            "{\"emoji\":\"👍\",\"version\":2}",
            "{\"emoji\":\"👍\"}",
            "{\"emoji\":\"👍\",\"version\":1,\"x\":1}",
            "{\"emoji\":\"👍👍\",\"version\":1}",
            "{\"emoji\":\"x\",\"version\":1}",
            "[]",
            "{\"version\":1,\"emoji\":\"" + "\\n".repeat(5000) + "\"}")) {
      assertThat(read(GMAIL, json)).as(json).isEmpty();
    }
  }

  @Test
  void isNoneWithoutExactlyOneTarget() throws Exception {
    assertThat(MailReader.read((RFC9078 + "\r\n\r\n👍").getBytes(UTF_8)).reaction()).isEmpty();
    assertThat(
            MailReader.read(
                    ("In-Reply-To: <a@x> <b@x>\r\n" + RFC9078 + "\r\n\r\n👍").getBytes(UTF_8))
                .reaction())
        .isEmpty();
  }
}
