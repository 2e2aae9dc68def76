package io.postern.mapping;

import java.util.Objects;
import java.util.Optional;

/**
 * One entry under {@code mappings} in the configuration: what is meant by an address. design.md §3.
 *
 * @param origin where it stands, for people: {@code postern.yml:31}
 */
public record MappingRule(AddressPattern address, Target target, String origin) {
  /** What the address stands for. */
  public sealed interface Target {}

  /** Mail to the address becomes messages to this peer. */
  public record Forward(Peer peer) implements Target {}

  /**
   * The mailbox is a person's, who has an inbox that Postern keeps for them.
   *
   * @param digest when their messages are mailed; empty: as they come
   */
  public record Host(Optional<DigestSchedule> digest) implements Target {
    public Host {
      Objects.requireNonNull(digest, "digest");
    }

    public Host() {
      this(Optional.empty());
    }

    private String words() {
      return " is hosted" + digest.map(schedule -> ", with a digest " + schedule).orElse("");
    }
  }

  /** The rule in words. */
  @Override
  public String toString() {
    return origin
        + ": "
        + address
        + (target instanceof Host host
            ? host.words()
            : " is forwarded to " + ((Forward) target).peer());
  }
}
