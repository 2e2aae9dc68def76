package io.postern.out;

import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.iap.Response;

/**
 * What a tagged NO or BAD means for a mail, by its response code: RFC 9051 §7.1.
 *
 * @param code in upper case, for example {@code OVERQUOTA}; empty if the server gave none
 * @param text code and words, fit to print
 */
record ImapRefusal(String code, boolean bad, String text) {
  private static final Pattern CODE = Pattern.compile("\\[([A-Za-z0-9-]+)[^\\]]*\\]");
  private static final int MAX_TEXT = 500;

  static ImapRefusal of(Response response) {
    // To the words behind NO or BAD, wherever the library has read to.
    response.reset();
    var rest = response.getRest();
    var found = CODE.matcher(rest);
    return new ImapRefusal(
        found.lookingAt() ? found.group(1).toUpperCase(Locale.ROOT) : "",
        response.isBAD(),
        ServerReply.clean(rest, MAX_TEXT));
  }

  /**
   * Whether the folder may just not exist yet. RFC 5530 §3 came after IMAP4rev1, so no code is one.
   */
  boolean mayBeAbsent() {
    return code.isEmpty() || code.equals("NONEXISTENT") || code.equals("TRYCREATE");
  }

  /**
   * @param host who said it
   * @param step what it was said to
   */
  UndeliveredException failure(String host, String step) {
    var said = host + " answered " + step + " with: " + (bad ? "BAD " : "NO ") + text;
    if (bad) {
      return UndeliveredException.refused("5.5.0", said);
    }
    return switch (code) {
      // A full mailbox is emptied some day: as 452 4.2.2 in SMTP.
      case "OVERQUOTA" -> UndeliveredException.deferred("4.2.2", said);
      case "TOOBIG", "LIMIT" -> UndeliveredException.refused("5.3.4", said);
      case "NOPERM" -> UndeliveredException.refused("5.7.1", said);
      case "CANNOT" -> UndeliveredException.refused("5.2.0", said);
      case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED" ->
          UndeliveredException.deferred("4.7.8", said);
      case "UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN" ->
          UndeliveredException.deferred("4.3.0", said);
      // Without a code nobody can tell; the caller's schedule bounds how often it is tried.
      default -> UndeliveredException.deferred("4.2.0", said);
    };
  }
}
