package io.postern.config;

/** Whether read receipts are carried: the setting {@code receipts}. RFC 8098. */
public enum Receipts {
  /** None is asked for, none is sent, and those that come end here. */
  OFF,
  /** Both ways. */
  ON
}
