package io.postern.mail;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A mail that only puts emoji on another mail. RFC 9078, and the form of Gmail ({@code
 * spec/content-types.md} §10.9).
 *
 * @param target the mail that it is about: the only id of In-Reply-To
 * @param emoji in their order, without repetitions; empty withdraws all that the sender had put
 * @param completeSet whether they replace those put before (RFC 9078 as Delta Chat reads it) or are
 *     added to them (Gmail)
 */
public record EmojiReaction(MailId target, List<String> emoji, boolean completeSet) {
  /** A person who reacts with more than this is not reacting. */
  private static final int MAX_EMOJI = 20;

  /** The longest object that is looked at, in octets. */
  private static final int MAX_JSON = 4000;

  /** The Gmail format: exactly these two members, in any order. */
  private static final Pattern JSON =
      Pattern.compile(
          "\\s*\\{\\s*(?:\"version\"\\s*:\\s*1\\s*,\\s*\"emoji\"\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\")"
              + "|\"emoji\"\\s*:\\s*(\"(?:[^\"\\\\]|\\\\.)*\")\\s*,\\s*\"version\"\\s*:\\s*1)"
              + "\\s*\\}\\s*");

  private static final Pattern ESCAPE = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)");

  public EmojiReaction {
    Objects.requireNonNull(target, "target");
    emoji = List.copyOf(emoji);
  }

  /** Whether the text is exactly one emoji, UTS 51. */
  public static boolean isEmoji(String text) {
    return Emoji.isEmoji(text);
  }

  /** Empty if the mail is no reaction, or one that is not valid: then it is an ordinary mail. */
  static Optional<EmojiReaction> read(MailPart root) {
    var targets = MailId.parseAll(String.join(" ", root.header().all("In-Reply-To")));
    if (targets.size() != 1) {
      return Optional.empty();
    }
    var first = root;
    while (first.isMultipart() && !first.children().isEmpty()) {
      first = first.children().get(0);
    }
    if (first.isReaction()) {
      return set(first.text()).map(emoji -> new EmojiReaction(targets.get(0), emoji, true));
    }
    return root.all()
        .filter(part -> part.is(MailPart.REACTION_JSON))
        .filter(part -> !part.disposition().value().equals("attachment"))
        .filter(part -> part.body().size() <= MAX_JSON)
        .flatMap(part -> fromJson(part.text()).stream())
        .findFirst()
        .map(emoji -> new EmojiReaction(targets.get(0), List.of(emoji), false));
  }

  /** RFC 9078 §2: emoji with white space between them. What is no emoji among them is dropped. */
  private static Optional<List<String>> set(String text) {
    var tokens = text.strip();
    if (tokens.isEmpty()) {
      return Optional.of(List.of());
    }
    var emoji =
        Pattern.compile("\\s+")
            .splitAsStream(tokens)
            .filter(Emoji::isEmoji)
            .distinct()
            .limit(MAX_EMOJI)
            .toList();
    return emoji.isEmpty() ? Optional.empty() : Optional.of(emoji);
  }

  private static Optional<String> fromJson(String text) {
    var json = JSON.matcher(text.length() > 1000 ? "" : text);
    if (!json.matches()) {
      return Optional.empty();
    }
    var quoted = json.group(1) != null ? json.group(1) : json.group(2);
    return Optional.of(unescaped(quoted.substring(1, quoted.length() - 1))).filter(Emoji::isEmoji);
  }

  /** RFC 8259 §7. Only a four-digit escape can spell an emoji; any other escape is none. */
  private static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            escape ->
                escape.group(1).length() == 5
                    ? String.valueOf((char) Integer.parseInt(escape.group(1).substring(1), 16))
                    : " ");
  }

  /** The Gmail format of one emoji. */
  static String json(String emoji) {
    return "{\"version\":1,\"emoji\":\"" + emoji + "\"}";
  }
}
