package io.postern.config;

import java.time.Duration;

/**
 * How long the whole of each mail is kept that became messages.
 *
 * @param time zero: none is
 */
public record KeepMails(Duration time) {
  static final Duration DEFAULT = Duration.ofDays(30);

  private static final Duration LONGEST = Duration.ofDays(3650);

  /**
   * @throws IllegalArgumentException if it is negative or longer than ten years
   */
  public KeepMails {
    if (time.isNegative() || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "keepMails is " + time.toDays() + "d; write one from 0s to 3650d");
    }
  }

  static KeepMails byDefault() {
    return new KeepMails(DEFAULT);
  }
}
