package io.postern.xmtp.client;

import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.IdentityUpdateBuilder;
import io.postern.xmtp.identity.InstallationKey;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.LostInboxStore.LostInbox;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives an inbox that came back from a backup another installation: one identity update takes the
 * lost one away and adds the new one, so that the inbox has as many as before. Every step can be
 * repeated after a crash, as those of {@link Registration}. Identity document 5.4, 6.2 and 6.4.
 */
final class Reinstall {
  private static final Logger log = LoggerFactory.getLogger(Reinstall.class);

  private final ClientStore store;
  private final Identities identities;
  private final Registration registration;
  private final Wallets wallets;
  private final GroupLanes lanes;
  private final InstantSource clock;

  Reinstall(
      ClientStore store,
      Identities identities,
      Registration registration,
      Wallets wallets,
      GroupLanes lanes,
      InstantSource clock) {
    this.store = store;
    this.identities = identities;
    this.registration = registration;
    this.wallets = wallets;
    this.lanes = lanes;
    this.clock = clock;
  }

  /**
   * Gives each lost inbox another installation. What keeps one from it is kept beside it, and keeps
   * no other.
   *
   * @param done is told of each that has one again
   * @throws XmtpException if the network is away; everything can be tried again
   */
  void all(Consumer<HostedInbox> done) throws XmtpException {
    Optional<XmtpException> later = Optional.empty();
    for (var lost : store.jdbi().withHandle(store.lost()::leased)) {
      try {
        done.accept(XmtpException.await(lanes.run(lost.address(), () -> run(lost))));
      } catch (XmtpException failed) {
        if (failed.isNetworkAway()) {
          throw failed;
        }
        if (failed.isRetryable()) {
          later = Optional.of(failed);
        } else if (isNews(lost, failed.getMessage())) {
          log.warn("inbox stays lost inbox={} reason={}", lost.inbox(), failed.getMessage());
        }
      } catch (RuntimeException bug) {
        if (isNews(lost, "a mistake of ours: " + bug.getClass().getName())) {
          log.error("inbox stays lost inbox={}", lost.inbox(), bug);
        }
      }
    }
    if (later.isPresent()) {
      throw later.get();
    }
  }

  private boolean isNews(LostInbox lost, String trouble) {
    return store
        .jdbi()
        .inTransaction(handle -> store.lost().trouble(handle, lost.inbox(), trouble));
  }

  /**
   * @throws GroupException if it cannot be done before somebody does something, which it says
   * @throws NodeException if the network is away, or refuses
   */
  private HostedInbox run(LostInbox lost) throws GroupException, NodeException {
    if (lost.walletIndex().isEmpty()) {
      throw new GroupException(
          "the inbox "
              + lost.inbox()
              + " was made by a wallet that is not of the seed; only that wallet can let Postern in"
              + " again");
    }
    var wallet = wallets.at(lost.walletIndex().getAsLong());
    try {
      return run(lost, wallet);
    } finally {
      wallet.erase();
    }
  }

  private HostedInbox run(LostInbox lost, WalletKey wallet) throws GroupException, NodeException {
    if (!wallet.address().equals(lost.address())) {
      throw new GroupException(
          "the inbox "
              + lost.inbox()
              + " is of another seed than the one here; restore the backup with its own seed");
    }
    var state = identities.state(lost.inbox());
    var index = OptionalLong.of(lost.walletIndex().getAsLong());
    var self = registration.own(lost.inbox(), wallet, index);
    if (!state.isMember(self.installation())) {
      try {
        publish(lost, self, wallet, state);
      } catch (IdentityException invalid) {
        throw new GroupException(
            "the inbox " + lost.inbox() + " cannot be given another installation", invalid);
      }
    }
    return registration.finish(
        self, handle -> store.lost().replaced(handle, lost, self.installation()));
  }

  private void publish(LostInbox lost, HostedInbox self, WalletKey wallet, AssociationState state)
      throws GroupException, NodeException, IdentityException {
    var owner = wallet.identifier();
    boolean recovers = state.recovery().equals(owner);
    boolean replaces = recovers && state.isMember(lost.installation());
    require(lost, wallet, state, replaces);
    var builder = new IdentityUpdateBuilder(lost.inbox(), clock.instant());
    if (replaces) {
      // First: so there is a place for the new one whatever there was before.
      builder.revoke(lost.installation().identifier(), owner);
    }
    builder.add(self.installation().identifier(), owner);
    var key = InstallationKey.of(self.installationSeed().copy());
    var update = builder.request().signedBy(key).signedBy(wallet).build();
    state.apply(update); // What breaks a rule would make the inbox useless for everybody.
    registration.publish(self, update);
    if (replaces) {
      log.info(
          "installation replaced inbox={} lost={} installation={}",
          lost.inbox(),
          lost.installation(),
          self.installation());
    } else {
      log.warn(
          "installation added, and none taken away inbox={} installations={} reason={}",
          lost.inbox(),
          state.installations().size() + 1,
          recovers ? "the lost one was revoked before" : "another than Postern recovers the inbox");
    }
  }

  private static void require(
      LostInbox lost, WalletKey wallet, AssociationState state, boolean replaces)
      throws GroupException {
    boolean isMember =
        state.isMember(wallet.identifier()) || state.recovery().equals(wallet.identifier());
    if (!isMember) {
      throw new GroupException(
          "the inbox "
              + lost.inbox()
              + " has been taken over: the wallet that made it, "
              + wallet.address()
              + ", belongs to it no more; only its owner can let Postern in again");
    }
    int installations = state.installations().size();
    if (!replaces && installations >= Registration.MAX_INSTALLATIONS) {
      throw new GroupException(
          "the inbox "
              + lost.inbox()
              + " has "
              + installations
              + " of 10 installations, and the lost one cannot be taken away by Postern; its owner"
              + " must revoke one, for example in an XMTP app, then it goes on by itself");
    }
  }
}
