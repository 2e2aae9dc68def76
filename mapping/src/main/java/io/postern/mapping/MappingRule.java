package io.postern.mapping;

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

  /** The mailbox is a person's, who has an inbox that Postern keeps for them. */
  public record Host() implements Target {}

  /** The rule in words. */
  @Override
  public String toString() {
    return origin
        + ": "
        + address
        + (target instanceof Forward forward ? " is forwarded to " + forward.peer() : " is hosted");
  }
}
