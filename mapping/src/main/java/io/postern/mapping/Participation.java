package io.postern.mapping;

import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Reaction;
import io.postern.xmtp.content.Text;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What somebody says to an invitation. RFC 5545 §3.2.12, {@code PARTSTAT}. */
public enum Participation {
  /** They will come. */
  ACCEPTED(
      "accepted",
      Set.of("👍", "✅", "✔", "☑", "🆗", "👌"),
      Set.of(
          "accept",
          "accepted",
          "i accept",
          "zusagen",
          "zusage",
          "angenommen",
          "accepter",
          "accepté",
          "j'accepte",
          "aceptar",
          "acepto",
          "accettare",
          "accetto",
          "aceitar",
          "aceito",
          "принять",
          "принимаю",
          "承諾",
          "参加",
          "接受")),
  /** They do not know yet. */
  TENTATIVE(
      "may come",
      Set.of("🤔", "❓", "❔", "🤷"),
      Set.of(
          "maybe",
          "tentative",
          "vielleicht",
          "mit vorbehalt",
          "peut-être",
          "quizás",
          "quizá",
          "tal vez",
          "forse",
          "talvez",
          "может быть",
          "возможно",
          "未定",
          "也许")),
  /** They will not come. */
  DECLINED(
      "declined",
      Set.of("👎", "❌", "✖", "🚫"),
      Set.of(
          "decline",
          "declined",
          "i decline",
          "absagen",
          "absage",
          "abgelehnt",
          "refuser",
          "refusé",
          "je refuse",
          "rechazar",
          "rechazo",
          "rifiutare",
          "rifiuto",
          "recusar",
          "recuso",
          "отклонить",
          "辞退",
          "拒绝"));

  private static final int LONGEST_WORD = 20;

  private final String words;
  private final Set<String> emoji;
  private final Set<String> replies;

  Participation(String words, Set<String> emoji, Set<String> replies) {
    this.words = words;
    this.emoji = emoji;
    this.replies = replies;
  }

  /** For people: what stands behind a name. */
  String words() {
    return words;
  }

  /**
   * Which answer content is: an emoji put on the invitation, or a text of exactly one word for it.
   * That it is about an invitation is not looked at here.
   */
  public static Optional<Participation> of(Content content) {
    var inner = PeerLines.inside(content);
    if (inner instanceof Reaction reaction) {
      return reaction.action() == Reaction.Action.REMOVED
          ? Optional.empty()
          : ofEmoji(ReactionChange.symbol(reaction));
    }
    if (!(inner instanceof Text text) || text.text().length() > LONGEST_WORD) {
      return Optional.empty();
    }
    var said = text.text().strip();
    var word = said.replaceAll("[.!。！]+$", "").replace('’', '\'').strip().toLowerCase(Locale.ROOT);
    return ofEmoji(said)
        .or(() -> Stream.of(values()).filter(answer -> answer.replies.contains(word)).findFirst());
  }

  private static Optional<Participation> ofEmoji(String symbol) {
    // The colour of a hand, and how an emoji is drawn, say nothing.
    var plain = new StringBuilder();
    symbol
        .codePoints()
        .filter(c -> c != 0xfe0f && !(c >= 0x1f3fb && c <= 0x1f3ff))
        .forEach(plain::appendCodePoint);
    return Stream.of(values())
        .filter(answer -> answer.emoji.contains(plain.toString()))
        .findFirst();
  }
}
