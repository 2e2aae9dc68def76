package io.postern.mail;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A subject and what replies and forwards have put around it. RFC 5256 §2.1, with the prefixes of
 * other languages ({@code spec/content-types.md} §10.3).
 *
 * @param text without those; what a list puts in brackets stays, since "Re: " and this text is what
 *     an answer carries and some clients split a thread whose subject changes
 * @param reply whether a reply prefix was among what was removed
 * @param forward whether the outermost of what was removed says that the mail is a forward
 */
public record BaseSubject(String text, boolean reply, boolean forward) {
  private static final Pattern REPLY =
      prefix("re|aw|antw|antwort|sv|vs|res|rif|odp|ynt|ответ|回复|回覆|答复|答覆|답장|vá");

  private static final Pattern FORWARD =
      prefix("fwd?|fw|wg|tr|enc|vl|vb|vidb|doorst|pd|rv|ilt|пересл|转发|轉寄|전달|továbbítás");

  private static final Pattern BLOB = Pattern.compile("^(\\[[^\\[\\]]{1,60}\\]) ?(?=\\S)");

  /** Whether both name one thread: case, white space and lists' names in brackets do not matter. */
  public boolean sameAs(BaseSubject other) {
    return key(text).equals(key(other.text));
  }

  private static String key(String text) {
    var rest = text;
    for (var blob = BLOB.matcher(rest); blob.find(); blob = BLOB.matcher(rest)) {
      rest = rest.substring(blob.end());
    }
    return rest.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ").strip();
  }

  /**
   * @param subject decoded, one line
   */
  public static BaseSubject of(String subject) {
    var rest = subject.replaceAll("[\\t ]+", " ").strip();
    var blobs = new LinkedHashSet<String>();
    boolean reply = false;
    boolean forward = false;
    boolean outermost = true;
    while (true) {
      var unwrapped = withoutForwardMarks(rest);
      var forwarded = FORWARD.matcher(rest);
      var replied = REPLY.matcher(rest);
      var blob = BLOB.matcher(rest);
      if (!unwrapped.equals(rest)) {
        rest = unwrapped;
        forward |= outermost;
      } else if (forwarded.find()) {
        rest = rest.substring(forwarded.end());
        forward |= outermost;
      } else if (replied.find()) {
        rest = rest.substring(replied.end());
        reply = true;
      } else if (blob.find()) {
        rest = rest.substring(blob.end());
        blobs.add(blob.group(1));
        continue;
      } else {
        break;
      }
      outermost = false;
    }
    blobs.add(rest);
    return new BaseSubject(String.join(" ", blobs).strip(), reply, forward);
  }

  /** RFC 5256 §2.1, {@code subj-refwd}: a word, perhaps a count or blob, a colon. */
  private static Pattern prefix(String words) {
    return Pattern.compile(
        "^(?:" + words + ")\\s?(?:\\[[^\\[\\]]{0,20}\\]|\\(\\d{1,3}\\)|\\*\\d{1,3})?\\s?[:：]\\s*",
        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  /**
   * RFC 5256 §2.1, {@code subj-trailer} and step 6: {@code subject (fwd)}, {@code [fwd: subject]}.
   */
  private static String withoutForwardMarks(String text) {
    var lower = text.toLowerCase(Locale.ROOT);
    if (lower.endsWith("(fwd)")) {
      return text.substring(0, text.length() - 5).strip();
    }
    return lower.startsWith("[fwd:") && lower.endsWith("]")
        ? text.substring(5, text.length() - 1).strip()
        : text;
  }
}
