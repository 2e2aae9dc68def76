package io.postern.mail;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One address of the mail world: {@code local-part@domain}. RFC 5321 §4.1.2, {@code Mailbox}, with
 * the UTF-8 of RFC 6531 §3.3.
 *
 * @param localPart without its quotes and quoting backslashes: {@code john smith}, not {@code "john
 *     smith"}; its case is kept, because only its own domain may ignore it
 * @param domain a domain or an address literal in brackets; always lower-case
 */
public record Mailbox(String localPart, String domain) {
  /** RFC 5321 §4.5.3.1.1, in octets, quotes included. */
  public static final int MAX_LOCAL_PART = 64;

  /** RFC 5321 §4.5.3.1.3: a path of 256 octets, less its angle brackets. */
  public static final int MAX_MAILBOX = 254;

  private static final int MAX_LABEL = 63;
  private static final String ATEXT_MARKS = "!#$%&'*+-/=?^_`{|}~";
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|0?\\d?\\d)(?:\\.(?!$)|$)){4}");

  /**
   * @throws IllegalArgumentException if RFC 5321 does not allow such a mailbox; text from outside
   *     goes through {@link #parse}
   */
  public Mailbox {
    domain = domain.toLowerCase(Locale.ROOT);
    if (octets(printLocal(localPart)) > MAX_LOCAL_PART) {
      throw new IllegalArgumentException("the part before the @ is longer than 64 octets");
    }
    if (!localPart.codePoints().allMatch(Mailbox::mayBeQuoted)) {
      throw new IllegalArgumentException("the part before the @ holds a forbidden character");
    }
    requireDomain(domain);
    if (octets(printLocal(localPart) + "@" + domain) > MAX_MAILBOX) {
      throw new IllegalArgumentException("the address is longer than 254 octets");
    }
  }

  /**
   * Reads one address as it stands in an SMTP path, without angle brackets, source route, comments
   * or surrounding white space.
   *
   * @throws MailException 5.1.3 if the text is not a mailbox
   */
  public static Mailbox parse(String text) throws MailException {
    try {
      int at = text.startsWith("\"") ? endOfQuoted(text) : text.indexOf('@');
      if (at < 0 || at >= text.length() || text.charAt(at) != '@') {
        throw new IllegalArgumentException("it has no @ between two parts");
      }
      var local = text.substring(0, at);
      if (octets(local) > MAX_LOCAL_PART) {
        throw new IllegalArgumentException("the part before the @ is longer than 64 octets");
      }
      if (local.startsWith("\"")) {
        local = unquoted(local);
      } else if (!isDotString(local)) {
        throw new IllegalArgumentException(
            "the part before the @ is empty, holds a forbidden character or misplaces a dot");
      }
      return new Mailbox(local, text.substring(at + 1));
    } catch (IllegalArgumentException malformed) {
      throw new MailException(
          "5.1.3",
          "\"" + SafeText.line(text, 100) + "\" is not an address: " + malformed.getMessage(),
          malformed);
    }
  }

  /**
   * The same mailbox for comparing: local part lower-cased too ({@code design.md} §2), and the
   * domain {@link #asciiDomain in ASCII}.
   */
  public Mailbox canonical() {
    var lower = localPart.toLowerCase(Locale.ROOT);
    var ascii = withDomainInAscii();
    // Lower-casing may lengthen a letter beyond the limit; then it stays as it is.
    return octets(printLocal(lower)) > MAX_LOCAL_PART
            || octets(printLocal(lower)) + 1 + ascii.domain.length() > MAX_MAILBOX
        ? ascii
        : new Mailbox(lower, ascii.domain);
  }

  /**
   * The same mailbox with its domain {@link #asciiDomain in ASCII}, which every server takes and
   * the DNS knows; unchanged if it would be too long then.
   */
  public Mailbox withDomainInAscii() {
    var ascii = asciiDomain(domain);
    return ascii.equals(domain) || octets(printLocal(localPart)) + 1 + ascii.length() > MAX_MAILBOX
        ? this
        : new Mailbox(localPart, ascii);
  }

  /**
   * A domain with its U-labels as A-labels, RFC 5890 §2.3.2.1, in lower case. A domain for which
   * there is no such form comes back unchanged, and so does one that java.net.IDN, which is IDNA
   * 2003, would make another of (by ß, ς, the joiners or wide letters): that is somebody else's.
   */
  public static String asciiDomain(String domain) {
    if (SafeText.isAscii(domain)) {
      return domain;
    }
    try {
      var ascii = IDN.toASCII(domain, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
      return IDN.toUnicode(ascii).equals(domain.toLowerCase(Locale.ROOT)) ? ascii : domain;
    } catch (IllegalArgumentException noSuchForm) {
      return domain;
    }
  }

  /** Whether both name one mailbox once the case of the local part is ignored. */
  public boolean sameAs(Mailbox other) {
    return canonical().equals(other.canonical());
  }

  /** Whether a next hop must offer SMTPUTF8 (RFC 6531) to take this address. */
  public boolean needsSmtpUtf8() {
    return !SafeText.isAscii(localPart) || !SafeText.isAscii(domain);
  }

  /** The form of RFC 5321, the local part quoted only if it must be. */
  @Override
  public String toString() {
    return printLocal(localPart) + "@" + domain;
  }

  private static String printLocal(String localPart) {
    return isDotString(localPart)
        ? localPart
        : "\"" + localPart.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static int octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** {@code Dot-string}: atoms of atext, joined by single dots. */
  private static boolean isDotString(String text) {
    int atom = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '.') {
        if (atom == 0) {
          return false;
        }
        atom = 0;
      } else if (isAtext(c)) {
        atom++;
      } else {
        return false;
      }
    }
    return atom > 0;
  }

  private static boolean isAtext(int c) {
    return c < 0x80 ? isLetterOrDigit(c) || ATEXT_MARKS.indexOf(c) >= 0 : mayBeQuoted(c);
  }

  private static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /** What a quoted string may hold, with or without a backslash before it. */
  private static boolean mayBeQuoted(int c) {
    return c >= ' ' && c != 0x7f && SafeText.isHarmless(c);
  }

  private static int endOfQuoted(String text) {
    for (int i = 1; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == '"') {
        return i + 1;
      }
    }
    throw new IllegalArgumentException("a quotation mark is not closed");
  }

  private static String unquoted(String quoted) {
    var out = new StringBuilder();
    for (int i = 1; i < quoted.length() - 1; i++) {
      if (quoted.charAt(i) == '\\') {
        i++;
        // RFC 5321 §4.1.2 quoted-pairSMTP: a backslash quotes printable ASCII only.
        if (quoted.charAt(i) < ' ' || quoted.charAt(i) > '~') {
          throw new IllegalArgumentException("a backslash stands before a forbidden character");
        }
      }
      out.append(quoted.charAt(i));
    }
    return out.toString();
  }

  private static void requireDomain(String domain) {
    if (domain.startsWith("[")) {
      requireLiteral(domain);
      return;
    }
    for (var label : domain.split("\\.", -1)) {
      if (label.isEmpty() || label.getBytes(StandardCharsets.UTF_8).length > MAX_LABEL) {
        throw new IllegalArgumentException("a label of the domain is empty or too long");
      }
      if (label.startsWith("-") || label.endsWith("-")) {
        throw new IllegalArgumentException("a label of the domain begins or ends with a hyphen");
      }
      if (!label.codePoints().allMatch(Mailbox::mayStandInLabel)) {
        throw new IllegalArgumentException("the domain holds a forbidden character");
      }
    }
  }

  private static boolean mayStandInLabel(int c) {
    return c < 0x80
        ? isLetterOrDigit(c) || c == '-'
        : SafeText.isHarmless(c) && !Character.isSpaceChar(c);
  }

  private static void requireLiteral(String literal) {
    if (!literal.endsWith("]")) {
      throw new IllegalArgumentException("the address literal is not closed");
    }
    var inner = literal.substring(1, literal.length() - 1);
    // IPv6 is the only tag of General-address-literal that IANA has registered.
    boolean valid =
        inner.startsWith("ipv6:") ? isIpv6(inner.substring(5)) : IPV4.matcher(inner).matches();
    if (!valid) {
      throw new IllegalArgumentException("the brackets do not hold an IP address");
    }
  }

  /** RFC 5321 §4.1.3, {@code IPv6-addr}. */
  private static boolean isIpv6(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      return false;
    }
    int groups =
        gap < 0
            ? groups(text, true)
            : sum(groups(text.substring(0, gap), false), groups(text.substring(gap + 2), true));
    // "::" stands for two groups or more.
    return gap < 0 ? groups == 8 : groups >= 0 && groups <= 6;
  }

  private static int sum(int left, int right) {
    return left < 0 || right < 0 ? -1 : left + right;
  }

  /** How many 16-bit groups the text holds, or -1 if it is malformed. */
  private static int groups(String text, boolean mayEndInIpv4) {
    if (text.isEmpty()) {
      return 0;
    }
    var parts = text.split(":", -1);
    int count = 0;
    for (int i = 0; i < parts.length; i++) {
      if (mayEndInIpv4 && i == parts.length - 1 && IPV4.matcher(parts[i]).matches()) {
        count += 2;
      } else if (parts[i].matches("[0-9a-f]{1,4}")) {
        count++;
      } else {
        return -1;
      }
    }
    return count;
  }
}
