package io.postern.bridge;

import io.postern.config.Config;
import io.postern.mail.Mailbox;
import io.postern.out.Capture;
import io.postern.out.Deliver;
import io.postern.out.ImapAppender;
import io.postern.out.MailSender;
import io.postern.out.MxSender;
import io.postern.out.ProvenDns;
import io.postern.out.SmarthostSender;
import io.postern.out.StsPolicies;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The sender for each way that the configuration names: for everybody, or for one person. */
final class Senders implements AutoCloseable {
  private final Config config;
  private final Clock clock;
  private final Map<Deliver, MailSender> senders = new HashMap<>();
  private final Optional<Capture> capture;
  private Optional<StsPolicies> policies = Optional.empty();

  private Senders(Config config, Clock clock) throws IOException {
    this.config = config;
    this.clock = clock;
    add(config.deliver());
    if (config.deliver() instanceof Deliver.Mx mx) {
      for (var route : mx.routes()) {
        add(route.smarthost());
      }
    }
    for (var mapping : config.mappings()) {
      if (mapping.deliver().isPresent()) {
        add(mapping.deliver().get());
      }
    }
    this.capture =
        senders.get(config.deliver()) instanceof Capture kept
            ? Optional.of(kept)
            : Optional.empty();
  }

  static Senders open(Config config, Clock clock) throws BridgeException {
    try {
      return new Senders(config, clock);
    } catch (IOException unusable) {
      throw new BridgeException(
          "deliver: the folder of captured mail or of MTA-STS policies cannot be used: "
              + unusable.getMessage(),
          unusable);
    }
  }

  private void add(Deliver deliver) throws IOException {
    if (!senders.containsKey(deliver)) {
      senders.put(deliver, sender(deliver));
    }
  }

  private MailSender sender(Deliver deliver) throws IOException {
    var ownName = config.domains().get(0);
    if (deliver instanceof Deliver.Smarthost smarthost) {
      return new SmarthostSender(smarthost, ownName);
    }
    if (deliver instanceof Deliver.Imap imap) {
      return new ImapAppender(imap);
    }
    if (deliver instanceof Deliver.Capture folder) {
      return Capture.open(folder);
    }
    var secureDns = ProvenDns.open(config.dns(), clock, config.data().resolve("dnssec-proven"));
    var kept = StsPolicies.open(secureDns, config.data().resolve("mta-sts"), clock);
    policies = Optional.of(kept);
    return new MxSender(ownName, secureDns, kept);
  }

  /** How mail to this person leaves. */
  MailSender of(Mailbox person) {
    return senders.get(config.deliverFor(person));
  }

  /**
   * The way that this person's mail has in common with others': the mail servers of a domain, a
   * smarthost, a mailbox. What is captured goes nowhere, so nobody is in its way.
   */
  Object way(Mailbox person) {
    var deliver = config.deliverFor(person);
    if (deliver instanceof Deliver.Mx) {
      return Mailbox.asciiDomain(person.domain());
    }
    return deliver instanceof Deliver.Capture ? person : deliver;
  }

  /** Renews the MTA-STS policies that are kept. */
  void refreshPolicies() throws IOException {
    if (policies.isPresent()) {
      policies.get().refresh();
    }
  }

  /** Where captured mail lies, if that is how mail leaves. */
  Optional<Capture> capture() {
    return capture;
  }

  @Override
  public void close() {
    for (var sender : senders.values()) {
      if (sender instanceof ImapAppender imap) {
        imap.close();
      }
    }
  }
}
