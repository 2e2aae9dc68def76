package io.postern.mapping;

/**
 * How much of one peer becomes mail: the setting {@code quota.leaving}. What is more waits for the
 * next hour, or the next day of UTC. A person who has accepted a peer has not accepted that they
 * fill the disk.
 */
public record LeavingSettings(
    int mailsPerHour, int mailsPerDay, int octetsPerHour, int octetsPerDay) {
  /** All peers together get so many times as much to one person, so that none stands in for all. */
  public static final int TO_ONE_PERSON = 5;

  private static final int LEAST_OCTETS = 1 << 20;

  /**
   * @throws IllegalArgumentException if one is out of its range
   */
  public LeavingSettings {
    require("mailsPerHour", mailsPerHour, 1);
    require("mailsPerDay", mailsPerDay, 1);
    require("octetsPerHour", octetsPerHour, LEAST_OCTETS);
    require("octetsPerDay", octetsPerDay, LEAST_OCTETS);
  }

  /** What holds where the file says nothing. */
  public static LeavingSettings defaults() {
    return new LeavingSettings(300, 2000, 200 << 20, 1 << 30);
  }

  /** Nobody is counted. */
  public static LeavingSettings unlimited() {
    return new LeavingSettings(
        Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  public LeavingSettings withMailsPerHour(int mails) {
    return new LeavingSettings(mails, mailsPerDay, octetsPerHour, octetsPerDay);
  }

  public LeavingSettings withMailsPerDay(int mails) {
    return new LeavingSettings(mailsPerHour, mails, octetsPerHour, octetsPerDay);
  }

  public LeavingSettings withOctetsPerHour(int octets) {
    return new LeavingSettings(mailsPerHour, mailsPerDay, octets, octetsPerDay);
  }

  public LeavingSettings withOctetsPerDay(int octets) {
    return new LeavingSettings(mailsPerHour, mailsPerDay, octetsPerHour, octets);
  }

  private static void require(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "quota.leaving." + key + " is " + value + "; write " + least + " or more");
    }
  }
}
