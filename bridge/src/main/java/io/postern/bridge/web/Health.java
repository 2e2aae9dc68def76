package io.postern.bridge.web;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How the daemon is.
 *
 * @param name of the program
 * @param uptime since it was ready
 * @param domains that it serves
 * @param network which one, for people
 * @param connected whether the network answers
 * @param spooled accepted mails that wait for their conversation
 * @param outboxWaiting messages that wait for their mail
 * @param deadLetters mails and messages for which somebody has to decide
 * @param held threads that are held because machines seem to answer each other in them
 * @param troubles what keeps it from doing its work, a sentence each, without secrets
 * @param alarms what somebody must know and a restart does not mend, a sentence each
 */
public record Health(
    String name,
    String version,
    Duration uptime,
    List<String> domains,
    String network,
    boolean connected,
    long spooled,
    long outboxWaiting,
    long deadLetters,
    long held,
    List<String> troubles,
    List<String> alarms) {
  public Health {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(uptime, "uptime");
    domains = List.copyOf(domains);
    Objects.requireNonNull(network, "network");
    troubles = List.copyOf(troubles);
    alarms = List.copyOf(alarms);
  }

  /** Whether it can do its work. What waits or is dead is not its fault. */
  public boolean isWell() {
    return connected && troubles.isEmpty();
  }

  /** The uptime for people, in its two largest units: {@code 3 d 4 h}. */
  String uptimeWords() {
    if (uptime.toDays() > 0) {
      return uptime.toDays() + " d " + uptime.toHoursPart() + " h";
    }
    return uptime.toHours() > 0
        ? uptime.toHours() + " h " + uptime.toMinutesPart() + " min"
        : uptime.toMinutes() + " min " + uptime.toSecondsPart() + " s";
  }
}
