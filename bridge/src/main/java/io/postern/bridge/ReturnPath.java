package io.postern.bridge;

import io.postern.mail.Mailbox;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The envelope sender of a mail of ours, by which a bounce is known again (VERP): {@code b-} and 32
 * hex digits. They are drawn by lot and kept with the mail, since whoever could guess them could
 * tell a peer of failures that never were.
 */
final class ReturnPath {
  private static final int OCTETS = 16;
  private static final Pattern FORM = Pattern.compile("b-[0-9a-f]{" + 2 * OCTETS + "}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private ReturnPath() {}

  /** One that was never used. */
  static Mailbox draw(String domain) {
    var octets = new byte[OCTETS];
    RANDOM.nextBytes(octets);
    return new Mailbox("b-" + HexFormat.of().formatHex(octets), domain);
  }

  static boolean isOurs(String localPart) {
    return FORM.matcher(localPart).matches();
  }
}
