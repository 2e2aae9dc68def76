package io.postern.mapping;

/**
 * How much may come in on one day of UTC: the setting {@code quota}. Wallets and addresses of one's
 * own domain cost nothing, so without the last three anybody could make us mint identities.
 *
 * @param perPersonPerDay mails by which one person speaks
 * @param newPersonsPerNetworkPerDay people who write for the first time, from one network of
 *     clients: an IPv4 /24 or an IPv6 /48
 * @param newPersonsPerDomainPerDay the same, of one organizational domain
 * @param newPersonsPerDay the same, in all
 */
public record QuotaSettings(
    int perPersonPerDay,
    int newPersonsPerNetworkPerDay,
    int newPersonsPerDomainPerDay,
    int newPersonsPerDay) {
  private static final int MOST = 1_000_000;

  /**
   * @throws IllegalArgumentException if one is less than 1 or more than a million
   */
  public QuotaSettings {
    require("perPersonPerDay", perPersonPerDay);
    require("newPersonsPerNetworkPerDay", newPersonsPerNetworkPerDay);
    require("newPersonsPerDomainPerDay", newPersonsPerDomainPerDay);
    require("newPersonsPerDay", newPersonsPerDay);
  }

  /** What holds where the file says nothing. */
  public static QuotaSettings defaults() {
    return new QuotaSettings(500, 20, 100, 1000);
  }

  public QuotaSettings withPerPerson(int mails) {
    return new QuotaSettings(
        mails, newPersonsPerNetworkPerDay, newPersonsPerDomainPerDay, newPersonsPerDay);
  }

  public QuotaSettings withNewPersonsPerNetwork(int persons) {
    return new QuotaSettings(perPersonPerDay, persons, newPersonsPerDomainPerDay, newPersonsPerDay);
  }

  public QuotaSettings withNewPersonsPerDomain(int persons) {
    return new QuotaSettings(
        perPersonPerDay, newPersonsPerNetworkPerDay, persons, newPersonsPerDay);
  }

  public QuotaSettings withNewPersons(int persons) {
    return new QuotaSettings(
        perPersonPerDay, newPersonsPerNetworkPerDay, newPersonsPerDomainPerDay, persons);
  }

  private static void require(String key, int value) {
    if (value < 1 || value > MOST) {
      throw new IllegalArgumentException(
          "quota." + key + " is " + value + "; write one from 1 to " + MOST);
    }
  }
}
