package io.postern.xmtp.client;

import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces key packages: every thirty days, and soon after a welcome has used one. The keys of a
 * replaced package live for another day, since others may have fetched it. Identity document 7.4.
 */
final class KeyPackageRotation {
  private static final Logger log = LoggerFactory.getLogger(KeyPackageRotation.class);

  static final Duration EVERY = Duration.ofDays(30);
  private static final Duration KEEP = Duration.ofHours(24);
  private static final Duration AFTER_REFUSAL = Duration.ofHours(1);
  private static final Duration AFTER_TROUBLE = Duration.ofMinutes(1);
  private static final int BATCH = 100;

  private final ClientStore store;
  private final Node node;
  private final KeyPackages packages;
  private final InstantSource clock;
  private volatile Instant notBefore = Instant.MIN;

  KeyPackageRotation(ClientStore store, Node node, SecureRandom random, InstantSource clock) {
    this.store = store;
    this.node = node;
    this.packages = new KeyPackages(random);
    this.clock = clock;
  }

  /** Makes a key package, keeps its keys, then uploads it; what it replaces is to be deleted. */
  void upload(HostedInbox self) throws NodeException {
    var now = clock.instant();
    var signer = SignatureKeyPair.of(self.installationSeed().copy());
    var made = packages.make(self.inbox(), signer, now);
    try {
      keep(self, made, now);
    } finally {
      made.keys().erase();
    }
    node.uploadKeyPackage(made.keys().octets());
    store
        .jdbi()
        .useTransaction(
            handle ->
                store
                    .keys()
                    .superseded(
                        handle,
                        self.installation(),
                        made.keys().reference(),
                        Nanos.of(now.plus(KEEP))));
  }

  private void keep(HostedInbox self, KeyPackages.Made made, Instant now) {
    store
        .jdbi()
        .useTransaction(
            handle ->
                store
                    .keys()
                    .insert(
                        handle,
                        self.installation(),
                        made.keys(),
                        made.initPublicKey(),
                        made.wrapperPublicKey(),
                        Nanos.of(now)));
  }

  /** Replaces the package of one installation and sets the time of the next replacement. */
  void rotate(InstallationId installation) throws NodeException {
    var self = store.jdbi().withHandle(h -> store.inboxes().find(h, installation)).orElseThrow();
    try {
      upload(self);
    } finally {
      self.installationSeed().erase();
      self.hmacRoot().erase();
    }
    put(installation, EVERY);
    log.info("key package replaced inbox={}", self.inbox());
  }

  /**
   * Erases the keys whose time is over, and replaces the packages that are due. One that the
   * network refuses does not keep the others waiting.
   *
   * @throws NodeException if the network is away; everything can be tried again
   */
  void runDue() throws NodeException {
    long now = Nanos.of(clock.instant());
    store.jdbi().useTransaction(h -> store.keys().deleteDue(h, now));
    if (clock.instant().isBefore(notBefore)) {
      return;
    }
    for (var installation : store.jdbi().withHandle(h -> store.inboxes().due(h, now, BATCH))) {
      try {
        rotate(installation);
      } catch (NodeException failed) {
        if (failed.isRetryable()) {
          // Each try keeps the keys of a package that the network may have taken.
          notBefore = clock.instant().plus(AFTER_TROUBLE);
          put(installation, AFTER_TROUBLE);
          throw failed;
        }
        log.warn(
            "key package not taken installation={} reason={}", installation, failed.getMessage());
        put(installation, AFTER_REFUSAL);
      }
    }
  }

  private void put(InstallationId installation, Duration off) {
    long next = Nanos.of(clock.instant().plus(off));
    store.jdbi().useTransaction(h -> store.inboxes().rotateNext(h, installation, next));
  }
}
