package io.postern.bridge;

import io.postern.mail.Mailbox;
import java.util.regex.Pattern;

/**
 * The envelope sender of a mail of ours, by which a bounce is known again (VERP): {@code b-} and 32
 * hex digits. They are drawn by lot and kept with the mail, since whoever could guess them could
 * tell a peer of failures that never were.
 */
final class ReturnPath {
  private static final Pattern FORM = Pattern.compile("b-[0-9a-f]{32}");

  private ReturnPath() {}

  /** One that was never used. */
  static Mailbox draw(String domain) {
    return new Mailbox("b-" + RandomToken.draw(), domain);
  }

  static boolean isOurs(String localPart) {
    return FORM.matcher(localPart).matches();
  }
}
