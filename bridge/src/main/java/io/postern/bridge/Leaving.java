package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.Provision;
import io.postern.config.Receipts;
import io.postern.mail.auth.DkimSigner;
import io.postern.mapping.LeavingQuota;
import io.postern.mapping.LeavingSettings;
import io.postern.mapping.Outbox;
import io.postern.mapping.ThreadIds;
import io.postern.xmtp.store.ClientStore;
import java.time.Clock;
import java.util.function.BooleanSupplier;

/**
 * How what peers have said leaves as mail: lines of the outbox become mails, and those go to their
 * servers.
 *
 * @param bundles composes; woken when there are lines
 * @param outbox hands over; woken when a mail is to be tried
 */
record Leaving(BundleLoop bundles, OutboxLoop outbox) {

  /**
   * @param lines of the outbox
   * @param composes whether there is room to compose
   * @param leaves whether it can be noted what has left
   */
  static Leaving of(
      Config config,
      ClientStore store,
      Outbox lines,
      Senders senders,
      DkimSigner signer,
      Peers peers,
      Notices notices,
      BooleanSupplier composes,
      BooleanSupplier leaves,
      Workers workers,
      Checkpoint.Watch watch,
      Clock clock) {
    var domain = config.domains().get(0);
    var threadIds = new ThreadIds(config.domains());
    var admission = new Admission(store, config.invite(), clock);
    var outbox =
        new OutboxLoop(
            store.jdbi(),
            store.lease(),
            senders::of,
            senders::way,
            notices,
            admission,
            workers.senders(),
            watch,
            leaves,
            clock);
    var composer =
        new BundleComposer(
            store,
            lines,
            threadIds,
            config.addressRules(),
            peers,
            new RemoteFiles(workers.scheduler()),
            signer,
            admission,
            notices,
            new LeavingQuota(store.jdbi(), settings(config)),
            domain,
            config.receipts() == Receipts.ON,
            watch,
            clock);
    var digests =
        new DigestComposer(store, lines, composer, threadIds, signer, domain, watch, clock);
    var bundles =
        new BundleLoop(
            lines, composer, digests, workers.composers(), outbox::wake, composes, clock);
    return new Leaving(bundles, outbox);
  }

  /** Where only this machine reaches the bridge nobody is counted, as of what comes in. */
  private static LeavingSettings settings(Config config) {
    return config.provision() == Provision.OPEN
        ? LeavingSettings.unlimited()
        : config.gates().leaving();
  }
}
