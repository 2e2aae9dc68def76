package io.postern.config;

import io.postern.mapping.AddressPattern;
import io.postern.mapping.MappingRule;
import io.postern.mapping.Peer;
import io.postern.out.Deliver;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads one entry of {@code mappings}: an address, and what it stands for. */
final class MappingSection {
  private static final String WHAT = "to: with a peer's address, or inbox: hosted";

  private final Problems problems;
  private final Section section;
  private final List<String> domains;
  private final Deliver fallback;

  /**
   * @param domains the bridge domains
   * @param fallback how mail leaves if the entry does not say
   */
  MappingSection(Problems problems, Section section, List<String> domains, Deliver fallback) {
    this.problems = problems;
    this.section = section;
    this.domains = domains;
    this.fallback = fallback;
  }

  /** Empty only after a mistake. */
  Optional<Mapping> read() {
    var address =
        section.required(
            "address", Values::pattern, "an address or a pattern, for example *@corp.example");
    var target = digest(target());
    var deliver = deliver(target);
    var receive = receive(address, target, deliver.orElse(fallback));
    section.refuseOthers();
    if (address.isEmpty() || target.isEmpty()) {
      return Optional.empty();
    }
    if (target.get() instanceof MappingRule.Forward && !isOurs(address.get())) {
      section.wrong(
          "address",
          section.path()
              + "address is "
              + Values.shown(address.get().toString())
              + ", which no mail reaches here; write one at "
              + String.join(" or ", domains));
    }
    if (target.get() instanceof MappingRule.Host
        && isOurs(address.get())
        && deliver.orElse(fallback) instanceof Deliver.Mx) {
      section.wrong(
          "address",
          section.path()
              + "address is "
              + Values.shown(address.get().toString())
              + ", hosted at a bridge domain, so its mail would come back here;"
              + " write deliver with imap or smarthost beside it");
    }
    var origin = problems.file() + ":" + section.line("address");
    return Optional.of(
        new Mapping(new MappingRule(address.get(), target.get(), origin), deliver, receive));
  }

  private boolean isOurs(AddressPattern address) {
    return domains.contains(address.mailbox().domain());
  }

  private Optional<MappingRule.Target> target() {
    var to = section.value("to", MappingSection::peer);
    var inbox = section.value("inbox", MappingSection::hosted);
    var group = section.node("group");
    long kinds = List.of("to", "inbox", "group").stream().filter(section::has).count();
    if (group.isPresent()) {
      section.wrong(
          "group", section.path() + "group: groups are not yet available; take the entry out");
    } else if (kinds == 0) {
      section.wrong("address", section.path() + "address has nothing beside it; write " + WHAT);
    }
    if (kinds > 1) {
      section.wrong("address", section.path() + "address has several targets; write one, " + WHAT);
      return Optional.empty();
    }
    return to.<MappingRule.Target>map(MappingRule.Forward::new).or(() -> inbox);
  }

  /** When a hosted person's messages are mailed together, if the entry says so. */
  private Optional<MappingRule.Target> digest(Optional<MappingRule.Target> target) {
    var digest = section.sectionIfAny("digest");
    if (digest.isEmpty()) {
      return target;
    }
    if (target.filter(MappingRule.Forward.class::isInstance).isPresent()) {
      section.wrong(
          "digest",
          section.path() + "digest: a forwarded address gets messages, not mail; take it out");
      return target;
    }
    var schedule = new DigestSection(digest.get()).read();
    return target.map(hosted -> new MappingRule.Host(Optional.of(schedule)));
  }

  private Optional<Deliver> deliver(Optional<MappingRule.Target> target) {
    var deliver = section.sectionIfAny("deliver");
    if (target.filter(MappingRule.Forward.class::isInstance).isPresent()) {
      deliver.ifPresent(
          unused ->
              section.wrong(
                  "deliver",
                  section.path()
                      + "deliver: a forwarded address gets messages, not mail; take it out"));
      return Optional.empty();
    }
    return deliver.flatMap(way -> new DeliverSection(way).ofOne());
  }

  private Optional<Deliver.Imap> receive(
      Optional<AddressPattern> address, Optional<MappingRule.Target> target, Deliver deliver) {
    var way = section.sectionIfAny("receive");
    if (way.isEmpty()) {
      return Optional.empty();
    }
    var receive = new DeliverSection(way.get()).ofReceived("Sent");
    if (target.filter(MappingRule.Host.class::isInstance).isEmpty()
        || address.filter(AddressPattern::isExact).isEmpty()) {
      section.wrong(
          "receive",
          section.path()
              + "receive goes with inbox: hosted and one whole address, since whoever writes into"
              + " the folder speaks as that person; take it out");
    }
    if (receive.filter(read -> read.folder().equalsIgnoreCase("INBOX")).isPresent()) {
      section.wrong(
          "receive",
          section.path()
              + "receive.imap.folder is INBOX, where everybody's mail comes in, and whoever writes"
              + " into this folder speaks as the person; write one that only they fill, for example"
              + " Sent");
    }
    if (receive.isPresent() && deliver instanceof Deliver.Imap out && isSame(receive.get(), out)) {
      section.wrong(
          "receive",
          section.path()
              + "receive names the folder of deliver, which is filled with what peers say; write"
              + " another one, for example Sent");
    }
    return receive;
  }

  private static boolean isSame(Deliver.Imap one, Deliver.Imap other) {
    return one.host().equalsIgnoreCase(other.host())
        && one.login().user().equals(other.login().user())
        && one.folder().equals(other.folder());
  }

  private static Peer peer(String text) throws ValueException {
    var peer = Peer.parse(text);
    if (peer.isPresent()) {
      return peer.get();
    }
    if (text.toLowerCase(Locale.ROOT).endsWith(".eth")) {
      throw new ValueException("names are not yet available; write the address 0x… that it names");
    }
    throw new ValueException("write 0x and 40 hex digits, or an inbox id of 64");
  }

  private static MappingRule.Target hosted(String text) throws ValueException {
    if (text.equals("attached")) {
      throw new ValueException("attached inboxes are not yet available; write hosted");
    }
    if (!text.equals("hosted")) {
      throw new ValueException("write hosted");
    }
    return new MappingRule.Host();
  }
}
