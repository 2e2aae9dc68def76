package io.postern.mail;

import java.util.regex.Pattern;

/** The form of an enhanced status code: {@code class.subject.detail}, RFC 3463 §2. */
final class EnhancedStatus {
  private static final Pattern FORM = Pattern.compile("[245]\\.\\d{1,3}\\.\\d{1,3}");

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
}
