package io.postern.mapping;

import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which mailbox is which identity, in both directions. design.md §2 and §3. Pure: it knows the
 * configuration, and neither the store nor the network.
 *
 * <p>At a bridge domain a mapping that names exactly this address comes first, then the addresses
 * that every peer has, then patterns: so {@code *@bridge.example} takes no mail that is addressed
 * to a wallet.
 */
public final class AddressRules {
  private static final Pattern GROUP = Pattern.compile("g-([0-9a-f]{32})");

  /** spec/content-types.md §9. */
  private static final Pattern NAME = Pattern.compile("_?[a-z0-9.-]+\\.eth");

  private final List<String> domains;
  private final List<MappingRule> rules;

  /**
   * @param domains the bridge domains, at least one; addresses are made in the first
   * @param rules in the order of the file: of two that weigh the same, the first counts
   */
  public AddressRules(List<String> domains, List<MappingRule> rules) {
    if (domains.isEmpty()) {
      throw new IllegalArgumentException("a bridge has a domain");
    }
    this.domains =
        domains.stream()
            .map(domain -> Mailbox.asciiDomain(domain.toLowerCase(Locale.ROOT)))
            .toList();
    this.rules = List.copyOf(rules);
  }

  /** Whether mail for this mailbox comes to us at all, however its domain is written. */
  public boolean isAtBridge(Mailbox mailbox) {
    return domains.contains(Mailbox.asciiDomain(mailbox.domain()));
  }

  /** The mapping that counts for a mailbox, of a person or at a bridge domain. */
  public Optional<MappingRule> ruleFor(Mailbox mailbox) {
    MappingRule best = null;
    for (var rule : rules) {
      if (rule.address().matches(mailbox)
          && (best == null || rule.address().weight() > best.address().weight())) {
        best = rule;
      }
    }
    return Optional.ofNullable(best);
  }

  /** When a person's messages are mailed together; empty: as they come. */
  public Optional<DigestSchedule> digestOf(Mailbox person) {
    return ruleFor(person)
        .map(MappingRule::target)
        .filter(MappingRule.Host.class::isInstance)
        .flatMap(target -> ((MappingRule.Host) target).digest());
  }

  /** Whom mail to this address is for. */
  public Destination resolve(Mailbox recipient) {
    if (!isAtBridge(recipient)) {
      return new Destination.Elsewhere(recipient.domain());
    }
    var rule = ruleFor(recipient);
    if (rule.isPresent() && rule.get().address().isExact()) {
      return byRule(rule.get());
    }
    return builtIn(recipient.canonical().localPart())
        .orElseGet(() -> rule.map(AddressRules::byRule).orElseGet(Destination.Unknown::new));
  }

  /** The address at which mail reaches this peer: that of the first mapping to it, or its own. */
  public Mailbox addressOf(Peer peer) {
    return mapped(List.of(peer)).orElseGet(() -> own(peer));
  }

  /**
   * The address at which mail reaches an inbox: that of the first mapping to it or to a wallet of
   * it, else the first wallet's, else the inbox id's.
   *
   * @param wallets of the inbox, in an order that stays: the address is stable if their first is
   */
  public Mailbox addressOf(InboxId inbox, List<EthereumAddress> wallets) {
    var names = names(inbox, wallets);
    return mapped(names).orElseGet(() -> own(names.get(0)));
  }

  /** Whether mail to this address reaches that inbox, by its id or by a wallet of it. */
  public boolean leadsTo(Mailbox mailbox, InboxId inbox, List<EthereumAddress> wallets) {
    return resolve(mailbox).peer().filter(names(inbox, wallets)::contains).isPresent();
  }

  private static List<Peer> names(InboxId inbox, List<EthereumAddress> wallets) {
    var names = new ArrayList<Peer>();
    wallets.forEach(wallet -> names.add(new Peer.ByAddress(wallet)));
    names.add(new Peer.ByInboxId(inbox));
    return names;
  }

  /** Which rule applies to an address, and why, in a few lines for people. */
  public String explain(Mailbox mailbox) {
    var lines = new ArrayList<String>();
    if (isAtBridge(mailbox)) {
      var destination = resolve(mailbox);
      lines.add("mail to " + mailbox + ": " + destination.why());
      destination.peer().ifPresent(peer -> lines.add("it becomes messages to " + peer));
    } else {
      lines.add(mailbox + " is a person's mailbox: " + mailbox.domain() + " is no bridge domain");
      lines.add(
          ruleFor(mailbox)
              .map(MappingRule::toString)
              .orElse("no mapping names it: it has an inbox if it was given one at run time"));
    }
    matching(mailbox).stream()
        .skip(1)
        .forEach(rule -> lines.add("a rule that matches too, but weighs less: " + rule));
    return String.join("\n", lines);
  }

  private List<MappingRule> matching(Mailbox mailbox) {
    return rules.stream()
        .filter(rule -> rule.address().matches(mailbox))
        .sorted(Comparator.comparing((MappingRule rule) -> rule.address().weight()).reversed())
        .toList();
  }

  private static Destination byRule(MappingRule rule) {
    return rule.target() instanceof MappingRule.Forward forward
        ? new Destination.Forwarded(forward.peer(), rule)
        : new Destination.Person(rule);
  }

  private static Optional<Destination> builtIn(String local) {
    var peer = Peer.parse(local);
    if (peer.isPresent()) {
      return Optional.of(new Destination.BuiltIn(peer.get()));
    }
    var group = GROUP.matcher(local);
    if (group.matches()) {
      return Optional.of(new Destination.Group(ConversationId.ofGroup(group.group(1))));
    }
    return NAME.matcher(local).matches()
        ? Optional.of(new Destination.Name(local))
        : Optional.empty();
  }

  private Optional<Mailbox> mapped(List<Peer> names) {
    return rules.stream()
        .filter(rule -> rule.address().isExact() && isAtBridge(rule.address().mailbox()))
        .filter(
            rule ->
                rule.target() instanceof MappingRule.Forward forward
                    && names.contains(forward.peer()))
        .map(rule -> rule.address().mailbox())
        .findFirst();
  }

  /** The address that a peer has without any mapping, unless a mapping gives it to another. */
  private Mailbox own(Peer peer) {
    return domains.stream()
        .map(domain -> new Mailbox(peer.toString(), domain))
        .filter(address -> resolve(address).peer().filter(peer::equals).isPresent())
        .findFirst()
        .orElseGet(() -> new Mailbox(peer.toString(), domains.get(0)));
  }
}
