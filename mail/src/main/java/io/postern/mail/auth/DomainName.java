package io.postern.mail.auth;

import io.postern.mail.Mailbox;
import java.util.Locale;
import java.util.Optional;

/** Domain names as authentication compares them: lower-case, A-labels, without the last dot. */
final class DomainName {
  /** RFC 1035 §2.3.4, printed, without the last dot. */
  static final int MAX_LENGTH = 253;

  private static final int MAX_LABEL = 63;

  private DomainName() {}

  /**
   * The name with U-labels made A-labels (RFC 8616 §3); empty for what the DNS cannot be asked for
   * or what has one label only: address literals, empty or long labels, other characters.
   */
  static Optional<String> parse(String text) {
    var name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    if (name.length() > MAX_LENGTH || name.indexOf('.') < 0) {
      return Optional.empty();
    }
    var ascii = Mailbox.asciiDomain(name).toLowerCase(Locale.ROOT);
    return fits(ascii) && ascii.chars().allMatch(DomainName::mayBeInName)
        ? Optional.of(ascii)
        : Optional.empty();
  }

  /** Whether a name of any characters fits into a question to the DNS. */
  static boolean fits(String name) {
    if (name.isEmpty() || name.length() > MAX_LENGTH) {
      return false;
    }
    int label = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      // A backslash quotes in master files (RFC 1035 §5.1): one library's label is another's two.
      if (c == 0 || c > 0x7e || c == '\\') {
        return false;
      }
      if (c != '.') {
        label++;
      } else if (label == 0) {
        return false;
      } else {
        label = 0;
      }
      if (label > MAX_LABEL) {
        return false;
      }
    }
    return label > 0;
  }

  /** Whether the name is the other or stands below it. */
  static boolean isWithin(String name, String ancestor) {
    return name.equals(ancestor) || name.endsWith("." + ancestor);
  }

  static int labels(String name) {
    return 1 + (int) name.chars().filter(c -> c == '.').count();
  }

  /** The last labels of a name, all of it if it has no more. */
  static String last(String name, int labels) {
    if (labels == 0) {
      return "";
    }
    int at = name.length();
    for (int i = 0; i < labels && at >= 0; i++) {
      at = name.lastIndexOf('.', at - 1);
    }
    return name.substring(at + 1);
  }

  /** RFC 5890 §2.3.1, and the underscore of names that are no hosts (RFC 8552). */
  private static boolean mayBeInName(int c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.';
  }
}
