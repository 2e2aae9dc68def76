package io.postern.bridge;

import io.postern.config.Mapping;
import io.postern.mail.Mailbox;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.MappingRule;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.NotLeasedException;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inbox of each person. It is made when they first need one, in three steps that can each be
 * repeated: claim a wallet, register, bind. Used by several threads.
 */
final class Persons {
  private static final Logger log = LoggerFactory.getLogger(Persons.class);

  /** Wallets that are somebody's, in a row, before the person is asked to come again. */
  private static final int MAX_TAKEN = 50;

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
   * @throws NotLeasedException if it is another instance's
   */
  Inbox inboxOf(Mailbox person) throws XmtpException {
    var binding = bindings.find(person);
    if (binding.isPresent()) {
      return present(binding.get());
    }
    long wallet = bindings.claimWallet(person);
    for (int tried = 1; ; tried++) {
      try {
        var inbox = client.createHosted(wallet);
        bindings.add(new Binding.Hosted(person, inbox.id(), wallet, clock.instant()));
        return inbox;
      } catch (XmtpException refused) {
        if (!refused.isWalletTaken() || tried == MAX_TAKEN) {
          throw refused;
        }
        log.warn("wallet is somebody's and is never given out index={}", wallet);
        wallet = bindings.claimAnother(person, wallet);
      }
    }
  }

  private Inbox present(Binding binding) throws XmtpException {
    if (binding instanceof Binding.Hosted hosted) {
      client.requireLeased(hosted.walletIndex());
    }
    var inbox = inboxOf(binding);
    if (inbox.isEmpty() && binding instanceof Binding.Hosted hosted) {
      client.requireNotLost(hosted.inbox());
    }
    return inbox.orElseThrow(
        () -> new IllegalStateException("no inbox here belongs to " + binding));
  }

  /**
   * Whoever the configuration hosts by name gets their inbox without having to write first; of
   * those of other instances these see to it.
   */
  void host(List<Mapping> mappings) throws XmtpException {
    for (var mapping : mappings) {
      var rule = mapping.rule();
      if (rule.target() instanceof MappingRule.Host
          && rule.address().isExact()
          && bindings.find(rule.address().mailbox()).isEmpty()) {
        make(rule.address().mailbox());
      }
    }
  }

  private void make(Mailbox person) throws XmtpException {
    try {
      inboxOf(person);
    } catch (NotLeasedException elsewhere) {
      log.debug("{} waits for its instance: {}", person, elsewhere.getMessage());
    }
  }

  /**
   * The inbox of a person, if they have one.
   *
   * @throws NotLeasedException if it is another instance's
   */
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
