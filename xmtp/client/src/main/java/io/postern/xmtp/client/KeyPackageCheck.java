package io.postern.xmtp.client;

import io.postern.mls.group.KeyPackage;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.HostedInboxStore.Listed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the network still has the key package of each inbox: it drops a row 90 days after the
 * installation's first upload, whatever came later, and then nobody can write to us first. And
 * whether it says all that we can do: one that an earlier version made keeps its inbox out of
 * groups in the dictionary form. Network document 10, identity document 7.4, groups document 11.1.
 */
final class KeyPackageCheck {
  private static final Logger log = LoggerFactory.getLogger(KeyPackageCheck.class);

  private static final Duration EVERY = Duration.ofDays(1);
  private static final int PER_CALL = 100;

  /** After an update all are to be replaced: not at once. */
  private static final Duration SPREAD = Duration.ofDays(1);

  private final ClientStore store;
  private final Node node;
  private final InstantSource clock;
  private Instant next = Instant.MIN;

  KeyPackageCheck(ClientStore store, Node node, InstantSource clock) {
    this.store = store;
    this.node = node;
    this.clock = clock;
  }

  /**
   * Looks at all, if that is due, and makes those due for replacement that are missing, foreign, or
   * about to end; within a day those that say less than we can do.
   *
   * @throws NodeException if the network is away; all are looked at again
   */
  void run() throws NodeException {
    var now = clock.instant();
    if (now.isBefore(next)) {
      return;
    }
    var registered = store.jdbi().withHandle(store.inboxes()::leased);
    for (int from = 0; from < registered.size(); from += PER_CALL) {
      check(registered.subList(from, Math.min(registered.size(), from + PER_CALL)), now);
    }
    next = now.plus(EVERY);
  }

  private void check(List<Listed> some, Instant now) throws NodeException {
    var packages = node.keyPackages(some.stream().map(Listed::installation).toList());
    for (int i = 0; i < some.size(); i++) {
      var listed = some.get(i);
      var good = good(listed, packages.get(i), now);
      if (good.isEmpty()) {
        log.warn("key package is not on the network, or ends soon inbox={}", listed.inbox());
        rotateBy(listed.installation(), now);
      } else if (!KeyPackages.knowDictionary(good.get().leaf())) {
        log.info("key package is of an earlier version inbox={}", listed.inbox());
        rotateBy(listed.installation(), now.plusNanos(spread(listed.installation())));
      }
    }
  }

  private void rotateBy(InstallationId installation, Instant at) {
    store.jdbi().useTransaction(h -> store.inboxes().rotateBy(h, installation, Nanos.of(at)));
  }

  private static long spread(InstallationId installation) {
    return Math.floorMod(installation.hashCode() * 0x9E3779B97F4A7C15L, SPREAD.toNanos());
  }

  /** The package, if welcomes by it can be read until the next replacement. */
  private Optional<KeyPackage> good(Listed listed, Optional<byte[]> octets, Instant now) {
    if (octets.isEmpty()) {
      return Optional.empty();
    }
    try {
      var untilNextRotation = now.plus(KeyPackageRotation.EVERY);
      var found =
          KeyPackages.verify(octets.get(), listed.installation(), listed.inbox(), untilNextRotation)
              .keyPackage();
      boolean has =
          store.jdbi().withHandle(h -> store.keys().has(h, listed.installation(), found.initKey()));
      return has ? Optional.of(found) : Optional.empty();
    } catch (GroupException unusable) {
      return Optional.empty();
    }
  }
}
