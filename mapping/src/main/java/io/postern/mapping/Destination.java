package io.postern.mapping;

import java.util.Optional;

/**
 * Whom mail to an address is for, as far as its form and the configuration say. Whether somebody
 * can be reached there is for the network to say. design.md §2, §4.1.
 */
public sealed interface Destination {
  /** The peer who would get it; empty if there is none, and {@link #why} says the reason. */
  default Optional<Peer> peer() {
    return Optional.empty();
  }

  /** One line for people: which rule this is, or why nobody is served there. */
  String why();

  /** An address that every peer has at a bridge domain. */
  record BuiltIn(Peer to) implements Destination {
    @Override
    public Optional<Peer> peer() {
      return Optional.of(to);
    }

    @Override
    public String why() {
      return to instanceof Peer.ByAddress
          ? "the address of whoever holds the wallet " + to
          : "the address of the inbox " + to;
    }
  }

  /** An address that a mapping forwards. */
  record Forwarded(Peer to, MappingRule rule) implements Destination {
    @Override
    public Optional<Peer> peer() {
      return Optional.of(to);
    }

    @Override
    public String why() {
      return rule.toString();
    }
  }

  /** A person's own address, at a bridge domain: an inbox stands behind it, but no peer. */
  record Person(MappingRule rule) implements Destination {
    @Override
    public String why() {
      return rule + "; messages to its inbox are mailed there, mail to it is not taken here";
    }
  }

  /** A group's address. Its mail is not yet carried. */
  record Group(ConversationId conversation) implements Destination {
    @Override
    public String why() {
      return "the address of a group; mail to groups is not yet available";
    }
  }

  /** A name's address, {@code vitalik.eth@}. Names are not yet looked up. */
  record Name(String name) implements Destination {
    @Override
    public String why() {
      return "the address of the name " + name + "; names as addresses are not yet available";
    }
  }

  /** Not our domain: never accepted, even if a mapping names the address. */
  record Elsewhere(String domain) implements Destination {
    @Override
    public String why() {
      return domain + " is not a domain of this bridge";
    }
  }

  /** Our domain, but no address that could be anybody's. */
  record Unknown() implements Destination {
    @Override
    public String why() {
      return "no mapping names it, and it is neither 0x and 40 hex digits nor an inbox id of 64";
    }
  }
}
