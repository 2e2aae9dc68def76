package io.postern.mail;

import java.util.regex.Pattern;

/** The form of an enhanced status code: {@code class.subject.detail}, RFC 3463 §2. */
final class EnhancedStatus {
  private static final Pattern FORM = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3}");

  /** After the reply code, RFC 2034 §4. */
  private static final Pattern IN_REPLY =
      Pattern.compile("\\b([245])\\d\\d[ -](\\1\\.\\d{1,3}\\.\\d{1,3})(?![\\d.])");

  private EnhancedStatus() {}

  /**
   * @return the status itself
   * @throws IllegalArgumentException if it is no status code or its class is not among {@code
   *     classes}
   */
  static String requireClass(String status, String classes) {
    if (!isWellFormed(status) || classes.indexOf(status.charAt(0)) < 0) {
      throw new IllegalArgumentException(
          "expected an RFC 3463 status of class " + classes + ", got " + status);
    }
    return status;
  }

  static boolean isWellFormed(String status) {
    return FORM.matcher(status).matches();
  }

  /**
   * A status that says no more than its class, made exact by the reply of the far server.
   *
   * @param status well formed
   * @param reply what the server said: {@code 550 5.1.1 No such user}
   * @return the status itself if it is exact, or the reply has none of its class
   */
  static String exact(String status, String reply) {
    if (!status.endsWith(".0.0")) {
      return status;
    }
    var found = IN_REPLY.matcher(reply);
    return found.find() && found.group(2).charAt(0) == status.charAt(0) ? found.group(2) : status;
  }
}
