package io.postern.bridge;

import io.postern.config.Config;
import io.postern.mapping.AutomaticReplies;
import io.postern.mapping.BundleStore;
import io.postern.mapping.DisplayedMails;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.LoopCeiling;
import io.postern.mapping.Outbox;
import io.postern.mapping.QuotaStore;
import io.postern.mapping.ReceiptRequests;
import io.postern.mapping.RejectStore;
import io.postern.mapping.SeenPictures;
import io.postern.mapping.SignatureLog;
import io.postern.mapping.ThreadLinks;
import io.postern.mapping.ToldPeers;
import io.postern.mapping.Translations;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.jdbi.v3.core.Jdbi;

/** Forgets what was kept long enough. */
final class Expiry {
  private static final Duration FORGET_AFTER = Duration.ofDays(30);

  /** A logo that did not come for so long is shown once more. */
  private static final Duration FORGET_PICTURES_AFTER = Duration.ofDays(180);

  /** Longer than signatures are usually good for: what is forgotten could be sent again. */
  private static final Duration FORGET_SIGNATURES_AFTER = Duration.ofDays(730);

  /** An answer to an older mail begins a thread of its own. */
  private static final Duration FORGET_LINKS_AFTER = Duration.ofDays(730);

  private final Jdbi jdbi;
  private final Config config;
  private final KeptMails kept;
  private final StoredDeadLetters dead;
  private final InstantSource clock;

  Expiry(Jdbi jdbi, Config config, KeptMails kept, StoredDeadLetters dead, InstantSource clock) {
    this.jdbi = jdbi;
    this.config = config;
    this.kept = kept;
    this.dead = dead;
    this.clock = clock;
  }

  void run() throws IOException {
    var now = clock.instant();
    var before = now.minus(FORGET_AFTER);
    var keepRejects = config.gates().keepRejects();
    // Before their journeys, which they go on with if they are tried again.
    dead.expire(now.minus(keepRejects));
    var afterDead = now.minus(keepRejects).minus(Duration.ofDays(1));
    new JourneyStore(jdbi).expire(afterDead.isBefore(before) ? afterDead : before);
    new Outbox(jdbi, config.quiet()).expire(before);
    new BundleStore(jdbi).expire(before);
    new Translations(jdbi).expire(before);
    new ThreadLinks(jdbi).expire(now.minus(FORGET_LINKS_AFTER));
    new LoopCeiling(jdbi).expire(before);
    new ToldPeers(jdbi).expire(before);
    new ReceiptRequests(jdbi).expire(before);
    new DisplayedMails(jdbi).expire(before);
    new AutomaticReplies(jdbi).expire(now);
    new SeenPictures(jdbi).expire(now.minus(FORGET_PICTURES_AFTER));
    new SignatureLog(jdbi).expire(now.minus(FORGET_SIGNATURES_AFTER));
    new RejectStore(jdbi).expire(now.minus(keepRejects));
    new QuotaStore(jdbi).expire(now);
    kept.expire();
  }
}
