package io.postern.bridge;

import io.postern.config.Mapping;
import io.postern.mail.Mailbox;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.MappingRule;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The inbox of each person. It is made when they first need one, in three steps that can each be
 * repeated: claim a wallet, register, bind. Used by several threads.
 */
final class Persons {
  private final XmtpClient client;
  private final BindingStore bindings;
  private final InstantSource clock;

  Persons(XmtpClient client, BindingStore bindings, InstantSource clock) {
    this.client = client;
    this.bindings = bindings;
    this.clock = clock;
  }

  /**
   * The inbox of a person, made if they have none.
   *
   * @throws IllegalStateException if they have one and it is not in this database: an inbox that is
   *     lost is never silently replaced
   */
  Inbox inboxOf(Mailbox person) throws XmtpException {
    var binding = bindings.find(person);
    if (binding.isPresent()) {
      return inboxOf(binding.get())
          .orElseThrow(
              () -> new IllegalStateException("no inbox here belongs to " + binding.get()));
    }
    long wallet = bindings.claimWallet(person);
    var inbox = client.createHosted(wallet);
    bindings.add(new Binding.Hosted(person, inbox.id(), wallet, clock.instant()));
    return inbox;
  }

  /** Whoever the configuration hosts by name gets their inbox without having to write first. */
  void host(List<Mapping> mappings) throws XmtpException {
    for (var mapping : mappings) {
      var rule = mapping.rule();
      if (rule.target() instanceof MappingRule.Host
          && rule.address().isExact()
          && bindings.find(rule.address().mailbox()).isEmpty()) {
        inboxOf(rule.address().mailbox());
      }
    }
  }

  /** The inbox of a person, if they have one. */
  Optional<Inbox> find(Mailbox person) {
    return bindings.find(person).flatMap(this::inboxOf);
  }

  private Optional<Inbox> inboxOf(Binding binding) {
    if (binding instanceof Binding.Hosted hosted) {
      return client.inbox(hosted.inbox());
    }
    if (binding instanceof Binding.Attached attached) {
      return client.inbox(attached.inbox());
    }
    return Optional.empty();
  }
}
