package io.postern.mapping;

import static io.postern.mapping.OutgoingLines.byAlice;
import static io.postern.mapping.OutgoingLines.byBob;
import static io.postern.mapping.OutgoingLines.composed;
import static io.postern.mapping.OutgoingLines.id;
import static io.postern.mapping.OutgoingLines.line;
import static io.postern.mapping.OutgoingLines.of;
import static io.postern.mapping.OutgoingLines.read;
import static io.postern.mapping.OutgoingLines.readingReactions;
import static io.postern.mapping.OutgoingLines.text;
import static io.postern.mapping.OutgoingLines.withheld;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.EmojiReaction;
import io.postern.mail.MailId;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Reaction.Action;
import io.postern.xmtp.content.Reaction.Schema;
import io.postern.xmtp.content.Text;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** spec/content-types.md §10.9. */
class ReactionMailTest {
  private static final PeerLines.Target TEA = byBob("<m-50@mail.example>", 50, "Tea?");

  private static PeerLines.Line reaction(int n, Action action, String content, Schema schema) {
    return line(n, new Reaction(id(50).toString(), Optional.empty(), action, content, schema));
  }

  private static PeerLines.Line added(int n, String emoji) {
    return reaction(n, Action.ADDED, emoji, Schema.UNICODE).about(TEA);
  }

  private static PeerLines.Line removed(int n, String emoji) {
    return reaction(n, Action.REMOVED, emoji, Schema.UNICODE).about(TEA);
  }

  @Test
  void isAReactionForRfc9078AndGmail() {
    var mail = read(of(added(1, "👍")));

    assertEquals(
        new EmojiReaction(TEA.mail().mailId(), List.of("👍"), true), mail.reaction().orElseThrow());
    assertEquals(List.of(new MailId("<m-50@mail.example>")), mail.inReplyTo());
    assertEquals("Re: lunch", mail.subject());
    assertTrue(
        mail.bodies().get(0).html().orElseThrow().contains("alice.eth reacted 👍 to your message"));
  }

  @ParameterizedTest
  @CsvSource({"smile,😄", ":smile:,😄", "+1,👍", "TADA,🎉"})
  void aShortcodeBecomesItsEmoji(String name, String emoji) {
    var line = reaction(1, Action.ADDED, name, Schema.SHORTCODE).about(TEA);

    assertEquals(List.of(emoji), read(of(line)).reaction().orElseThrow().emoji());
  }

  @Test
  void everyNameInTheTableIsAnEmoji() {
    EmojiNames.all().forEach((name, emoji) -> assertTrue(EmojiReaction.isEmoji(emoji), name));
  }

  @Test
  void codePointsInLettersAreAnEmoji() {
    var line = reaction(1, Action.ADDED, "U+1F603", Schema.UNICODE).about(TEA);

    assertEquals(List.of("😃"), read(of(line)).reaction().orElseThrow().emoji());
  }

  @ParameterizedTest
  @CsvSource({
    "SHORTCODE,party_blob,:party_blob:",
    "CUSTOM,lol,lol",
    "CUSTOM,https://tracker.example/x.gif,(a picture)"
  })
  void whatIsNoEmojiIsSaidInWords(Schema schema, String content, String shown) {
    var mail = read(of(reaction(1, Action.ADDED, content, schema).about(TEA)));

    assertTrue(mail.reaction().isEmpty());
    assertEquals("alice.eth reacted to “Tea?”: " + shown, text(mail).strip());
  }

  @Test
  void reactionsWithinABundleAreFolded() {
    var mail = read(of(added(1, "👍"), added(2, "🎉"), removed(3, "👍"), added(4, "🎉")));

    assertEquals(List.of("🎉"), mail.reaction().orElseThrow().emoji());
  }

  @Test
  void takenBackWithinTheBundleIsNothing() {
    assertEquals("reactions taken back", withheld(of(added(1, "👍"), removed(2, "👍"))));
  }

  @Test
  void takenBackLaterIsNothingForThoseWhoCannotReadIt() {
    var before = byBob("<m-50@mail.example>", 50, "Tea?", "👍");

    assertEquals(
        "reactions taken back",
        withheld(of(reaction(1, Action.REMOVED, "👍", Schema.UNICODE).about(before))));
  }

  @Test
  void thoseWhoReadReactionsGetTheWholeSet() {
    var before = byBob("<m-50@mail.example>", 50, "Tea?", "👍");

    var more =
        read(readingReactions(of(reaction(1, Action.ADDED, "🎉", Schema.UNICODE).about(before))));
    var none =
        read(readingReactions(of(reaction(1, Action.REMOVED, "👍", Schema.UNICODE).about(before))));

    assertEquals(List.of("👍", "🎉"), more.reaction().orElseThrow().emoji());
    assertEquals(List.of(), none.reaction().orElseThrow().emoji());
  }

  @Test
  void reactionsToOthersMessagesMakeNoMail() {
    var own = byAlice("<x-1@bridge.example>", 50, "mine");

    assertEquals(
        "a reaction to a message that the person did not write",
        withheld(of(reaction(1, Action.ADDED, "👍", Schema.UNICODE).about(own))));
    assertEquals(
        "a reaction to a message that the person did not write",
        withheld(of(reaction(1, Action.ADDED, "👍", Schema.UNICODE))));
  }

  @Test
  void amongOtherLinesAReactionIsALine() {
    var result = composed(of(added(1, "👍"), line(2, new Text("see you"))));
    var mail = read(of(added(1, "👍"), line(2, new Text("see you"))));

    assertTrue(mail.reaction().isEmpty());
    assertEquals("see you\n\nalice.eth reacted 👍 to “Tea?”", text(mail).strip());
    assertEquals(List.of(id(2), id(1)), result.messages());
  }
}
