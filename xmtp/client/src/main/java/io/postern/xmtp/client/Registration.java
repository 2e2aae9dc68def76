package io.postern.xmtp.client;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.IdentityUpdateBuilder;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationKey;
import io.postern.xmtp.identity.VerifiedIdentityUpdate;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an inbox, or an installation of one that is there, and tells the network. Every step can be
 * repeated after a crash: keys are kept before they are shown, and the log is read back before a
 * refusal is believed. Identity document 6.1 and 6.2.
 */
final class Registration {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);

  /** With which nonce new inboxes are made; an address with an inbox is looked up first. */
  private static final long NONCE = 1;

  static final int MAX_INSTALLATIONS = 10;

  private final ClientStore store;
  private final Node node;
  private final Identities identities;
  private final KeyPackageRotation rotation;
  private final SecureRandom random;
  private final InstantSource clock;

  Registration(
      ClientStore store,
      Node node,
      Identities identities,
      KeyPackageRotation rotation,
      SecureRandom random,
      InstantSource clock) {
    this.store = store;
    this.node = node;
    this.identities = identities;
    this.rotation = rotation;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Registers the inbox of a wallet here; if it is registered already, answers it.
   *
   * @param walletIndex which key of the seed the wallet is
   * @throws TakenWalletException if it is of the seed and has an inbox that was not made here
   */
  HostedInbox register(WalletKey wallet, OptionalLong walletIndex)
      throws NodeException, GroupException {
    try {
      var found = node.inboxIds(List.of(wallet.address())).get(wallet.address());
      boolean isNew = found == null;
      var inbox = isNew ? InboxId.derive(wallet.identifier(), NONCE) : found;
      if (!isNew) {
        requireOurs(inbox, wallet, walletIndex);
      }
      var self = own(inbox, wallet, walletIndex);
      if (self.registered()) {
        return self;
      }
      if (!isNew) {
        var installations = identities.latest(inbox);
        if (installations.contains(self.installation())) {
          return finish(self); // The answer to an earlier publication was lost.
        }
        if (installations.size() >= MAX_INSTALLATIONS) {
          throw new GroupException(
              "the inbox "
                  + inbox
                  + " has "
                  + installations.size()
                  + " of 10 installations; revoke one before adding another");
        }
        log.warn(
            "an installation is added to an inbox that others made inbox={} installations={}",
            inbox,
            installations.size() + 1);
      }
      publish(self, wallet, isNew);
      return finish(self);
    } catch (IdentityException invalid) {
      throw new GroupException("the inbox cannot be registered", invalid);
    }
  }

  /** A wallet of the seed makes inboxes here and nowhere else, or has been lost with them. */
  private void requireOurs(InboxId inbox, WalletKey wallet, OptionalLong walletIndex)
      throws NodeException, TakenWalletException {
    if (store.jdbi().withHandle(handle -> store.lost().find(handle, inbox)).isPresent()) {
      throw new NodeException(
          NodeException.Kind.TROUBLED,
          "the inbox " + inbox + " was restored and has no installation yet");
    }
    if (walletIndex.isPresent()
        && store.jdbi().withHandle(handle -> store.inboxes().find(handle, inbox)).isEmpty()) {
      throw new TakenWalletException(wallet.address(), inbox);
    }
  }

  /** The keys of this inbox here, made and kept at the first call. */
  HostedInbox own(InboxId inbox, WalletKey wallet, OptionalLong walletIndex) {
    return store
        .jdbi()
        .inTransaction(
            handle -> {
              var known = store.inboxes().find(handle, inbox);
              if (known.isPresent()) {
                return known.get();
              }
              var key = InstallationKey.generate(random);
              var fresh =
                  new HostedInbox(
                      key.id(),
                      inbox,
                      wallet.address(),
                      walletIndex,
                      key.seed(),
                      Secret.random(SenderHmac.KEY_LENGTH, random),
                      false,
                      Long.MAX_VALUE);
              store.inboxes().insert(handle, fresh);
              return fresh;
            });
  }

  private void publish(HostedInbox self, WalletKey wallet, boolean isNew)
      throws NodeException, GroupException, IdentityException {
    var installation = InstallationKey.of(self.installationSeed().copy());
    var builder = new IdentityUpdateBuilder(self.inbox(), clock.instant());
    if (isNew) {
      builder.createInbox(wallet.identifier(), NONCE);
    }
    builder.add(self.installation().identifier(), wallet.identifier());
    publish(self, builder.request().signedBy(installation).signedBy(wallet).build());
  }

  /** Shows a key package, then the update; believes no refusal of what the log shows. */
  void publish(HostedInbox self, VerifiedIdentityUpdate update)
      throws NodeException, GroupException {
    rotation.upload(self);
    try {
      node.publish(update.update().toWire());
    } catch (NodeException failed) {
      if (failed.isRetryable() || !identities.latest(self.inbox()).contains(self.installation())) {
        throw failed;
      }
    }
  }

  private HostedInbox finish(HostedInbox self) throws NodeException, GroupException {
    return finish(self, handle -> {});
  }

  /**
   * Reads the log back; from then on the installation is registered here.
   *
   * @param andSo what else is to be true at the same moment
   */
  HostedInbox finish(HostedInbox self, Consumer<Handle> andSo)
      throws NodeException, GroupException {
    if (!identities.latest(self.inbox()).contains(self.installation())) {
      throw new NodeException(
          NodeException.Kind.TROUBLED, "the network does not show the registration yet");
    }
    long rotateAt = Nanos.of(clock.instant().plus(KeyPackageRotation.EVERY));
    store
        .jdbi()
        .useTransaction(
            handle -> {
              store.inboxes().registered(handle, self.installation(), rotateAt);
              andSo.accept(handle);
            });
    log.info("inbox registered inbox={} installation={}", self.inbox(), self.installation());
    return store.jdbi().withHandle(h -> store.inboxes().find(h, self.inbox())).orElseThrow();
  }
}
