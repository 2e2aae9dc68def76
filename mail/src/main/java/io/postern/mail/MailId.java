package io.postern.mail;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The value of a Message-ID field. RFC 5322 §3.6.4, {@code msg-id}.
 *
 * <p>Two ids are equal if their canonical forms are, because some software folds case or breaks ids
 * across lines. What is written into In-Reply-To and References is {@link #asWritten}: mail clients
 * compare exactly.
 *
 * @param value the canonical form: in angle brackets, without white space, lower-case
 * @param asWritten as {@code value}, in the case in which it was met
 */
public record MailId(String value, String asWritten) {
  /** RFC 5322 §2.1.1: an id cannot be folded, so it fits on one line. */
  public static final int MAX_LENGTH = 900;

  /** As many ids as {@link #parseAll} returns at most: the last ones. */
  public static final int MAX_IDS = 200;

  private static final Pattern BRACKETED = Pattern.compile("<([^<>]*)>");

  /**
   * @throws IllegalArgumentException if the value is not of the canonical form or the other one is
   *     not the same id
   */
  public MailId {
    if (!isBracketed(asWritten) || !asWritten.toLowerCase(Locale.ROOT).equals(value)) {
      throw new IllegalArgumentException("not a Message-ID value: " + SafeText.line(value, 100));
    }
  }

  /** An id whose case is not known or does not matter. */
  public MailId(String value) {
    this(value.toLowerCase(Locale.ROOT), value);
  }

  /**
   * Reads the first id of a field's value. Angle brackets may be missing, as some clients leave
   * them out.
   *
   * @return empty if the text holds none
   */
  public static Optional<MailId> parse(String text) {
    return parseAll(text).stream().findFirst();
  }

  /**
   * Reads all ids of a References or In-Reply-To field in their order, without repetitions. What
   * stands between them (RFC 5322's comments, RFC 822's phrases) is passed over.
   */
  public static List<MailId> parseAll(String text) {
    var found = new LinkedHashSet<MailId>();
    var bracketed = BRACKETED.matcher(text);
    while (bracketed.find()) {
      add(found, bracketed.group(1));
    }
    if (found.isEmpty()) {
      for (var word : text.strip().split("[\\s,;]+")) {
        if (word.contains("@")) {
          add(found, word);
        }
      }
    }
    return found.stream().skip(Math.max(0, found.size() - MAX_IDS)).toList();
  }

  private static void add(Set<MailId> found, String inner) {
    var written = "<" + inner.replaceAll("\\s", "") + ">";
    if (isBracketed(written)) {
      var id = new MailId(written);
      // A repeated id counts where it stands last: References grows at its end.
      found.remove(id);
      found.add(id);
    }
  }

  private static boolean isBracketed(String text) {
    return text.length() > 2
        && text.length() <= MAX_LENGTH
        && text.charAt(0) == '<'
        && text.charAt(text.length() - 1) == '>'
        && text.substring(1, text.length() - 1)
            .codePoints()
            .allMatch(
                c ->
                    c > ' '
                        && c != '<'
                        && c != '>'
                        && SafeText.isHarmless(c)
                        && !Character.isSpaceChar(c));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MailId id && id.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** The id as it was met, in angle brackets. */
  @Override
  public String toString() {
    return asWritten;
  }
}
