package io.postern.bridge;

import io.postern.mail.Mailbox;
import java.util.regex.Pattern;

/**
 * The envelope sender of a mail of ours, by which a bounce is known again (VERP): {@code b-} and
 * the first 32 hex digits of the message that the mail is named after.
 */
final class ReturnPath {
  private static final int DIGITS = 32;
  private static final Pattern FORM = Pattern.compile("b-[0-9a-f]{" + DIGITS + "}");

  private ReturnPath() {}

  /**
   * @param messageId 64 hex digits
   */
  static Mailbox of(String messageId, String domain) {
    return new Mailbox("b-" + messageId.substring(0, DIGITS), domain);
  }

  static boolean isOurs(String localPart) {
    return FORM.matcher(localPart).matches();
  }
}
