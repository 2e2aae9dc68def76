package io.postern.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The mailboxes of a From, To, Cc or Reply-To field. RFC 5322 §3.4, read leniently: what is no
 * address is passed over, so a broken entry does not hide its neighbours.
 */
public final class AddressList {
  /** More recipients than this are not told apart. */
  private static final int MAX_MAILBOXES = 1000;

  private static final Pattern DOTTED =
      Pattern.compile("[A-Za-z0-9._+-]{1,62}@[A-Za-z0-9.-]{1,255}");

  private final String text;
  private final List<NamedMailbox> found = new ArrayList<>();
  private int at;

  private AddressList(String text) {
    this.text = text;
  }

  /**
   * Reads the value of a field.
   *
   * @param field unfolded, encoded-words not yet decoded
   * @return in the order of the field; the first 1000
   */
  public static List<NamedMailbox> parse(String field) {
    var list = new AddressList(field);
    while (list.at < list.text.length() && list.found.size() < MAX_MAILBOXES) {
      list.entry();
    }
    return List.copyOf(list.found);
  }

  /** Reads up to the next comma, semicolon or, for the name of a group, colon. */
  private void entry() {
    var phrase = new StringBuilder();
    var bare = new StringBuilder();
    Optional<String> angle = Optional.empty();
    var comment = "";
    boolean done = false;
    while (at < text.length() && !done) {
      char c = text.charAt(at);
      if (c == '"') {
        var quoted = quoted();
        // The quotes are kept in bare, since there they may belong to a quoted local part.
        bare.append(quoted);
        phrase.append(unquoted(quoted));
      } else if (c == '(') {
        comment = comment(text.length());
      } else if (c == '<') {
        angle = Optional.of(angle());
      } else if (c == ',' || c == ';') {
        at++;
        done = true;
      } else if (c == ':' && angle.isEmpty()) {
        at++;
        phrase.setLength(0);
        bare.setLength(0);
      } else {
        phrase.append(c);
        bare.append(c);
        at++;
      }
    }
    if (angle.isPresent()) {
      add(phrase.toString(), angle.get());
    } else {
      add(comment, joined(bare.toString()));
    }
  }

  private void add(String name, String address) {
    // An entry that names nobody is passed over: RFC 5322 §3.4 allows groups without members
    // ("undisclosed-recipients:;"), and clients write what they want.
    mailbox(withoutRoute(address.strip()))
        .ifPresent(
            mailbox -> found.add(new NamedMailbox(EncodedWords.decode(name.strip()), mailbox)));
  }

  private static Optional<Mailbox> mailbox(String address) {
    try {
      return Optional.of(Mailbox.parse(address));
    } catch (MailException malformed) {
      return withMisplacedDots(address);
    }
  }

  /** {@code a..b@x}: given out by telephone companies although RFC 5322 §3.2.3 forbids it. */
  private static Optional<Mailbox> withMisplacedDots(String address) {
    if (!DOTTED.matcher(address).matches()) {
      return Optional.empty();
    }
    int at = address.indexOf('@');
    try {
      return Optional.of(
          Mailbox.parse("\"" + address.substring(0, at) + "\"" + address.substring(at)));
    } catch (MailException malformed) {
      return Optional.empty();
    }
  }

  /** RFC 5322 §4.4, {@code obs-route}: "@relay:" before an address is to be ignored. */
  private static String withoutRoute(String address) {
    return address.startsWith("@") ? address.substring(address.indexOf(':') + 1) : address;
  }

  private String quoted() {
    int start = at++;
    while (at < text.length() && text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    at = Math.min(at + 1, text.length());
    return text.substring(start, at);
  }

  private static String unquoted(String quoted) {
    var out = new StringBuilder();
    for (int i = 1; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (c == '\\' && i + 1 < quoted.length()) {
        out.append(quoted.charAt(++i));
      } else if (c != '"') {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** Reads what stands in parentheses, or up to the limit where nothing closes them. */
  private String comment(int limit) {
    int depth = 0;
    var out = new StringBuilder();
    for (; at < limit; at++) {
      char c = text.charAt(at);
      if (c == '\\' && at + 1 < limit) {
        out.append(text.charAt(++at));
      } else if (c == '(' && depth++ == 0) {
        continue;
      } else if (c == ')' && --depth == 0) {
        at++;
        break;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private String angle() {
    at++;
    var inner = new StringBuilder();
    int close = close();
    while (at < text.length() && text.charAt(at) != '>') {
      char c = text.charAt(at);
      if (c == '"') {
        inner.append(quoted());
        close = at > close ? close() : close;
      } else if (c == '(') {
        comment(close);
      } else {
        inner.append(c);
        at++;
      }
    }
    at = Math.min(at + 1, text.length());
    return squeezed(inner.toString());
  }

  private int close() {
    int close = text.indexOf('>', at);
    return close < 0 ? text.length() : close;
  }

  /** Folding inside an address: white space goes, unless it is quoted. */
  private static String squeezed(String address) {
    return address.contains("\"") ? address.strip() : address.replaceAll("\\s", "");
  }

  /** RFC 5322 §4.4: an old address has white space around its dots and its at sign. */
  private static String joined(String address) {
    if (address.contains("\"")) {
      return address;
    }
    var out = new StringBuilder();
    for (var word : address.strip().split("\\s+")) {
      boolean joint = out.isEmpty() || isJoint(out.charAt(out.length() - 1)) || startsJoint(word);
      if (!joint) {
        return address;
      }
      out.append(word);
    }
    return out.toString();
  }

  private static boolean startsJoint(String word) {
    return !word.isEmpty() && isJoint(word.charAt(0));
  }

  private static boolean isJoint(char c) {
    return c == '.' || c == '@';
  }
}
