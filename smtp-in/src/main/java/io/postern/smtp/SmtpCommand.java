package io.postern.smtp;

import java.util.Locale;

/**
 * One command line, split. RFC 5321 §4.1.1.
 *
 * @param verb upper-case
 * @param argument what follows the verb, without surrounding spaces; empty if nothing does
 */
record SmtpCommand(String verb, String argument) {
  static SmtpCommand parse(String line) {
    int space = line.indexOf(' ');
    var verb = space < 0 ? line : line.substring(0, space);
    var argument = space < 0 ? "" : line.substring(space + 1).strip();
    return new SmtpCommand(verb.toUpperCase(Locale.ROOT), argument);
  }

  /**
   * Whether no SMTP client says such a thing: the line is a header field of a mail whose DATA was
   * refused, or another protocol. Reading on would run somebody's text as commands.
   */
  boolean isForeign() {
    return !verb.chars().allMatch(c -> c >= 'A' && c <= 'Z')
        || verb.equals("GET")
        || verb.equals("POST")
        || verb.equals("PUT")
        || verb.equals("CONNECT")
        || verb.equals("OPTIONS");
  }
}
