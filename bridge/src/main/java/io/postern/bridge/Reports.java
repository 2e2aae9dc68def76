package io.postern.bridge;

import io.postern.mail.DeliveryReport;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mapping.Bundle;
import io.postern.mapping.BundleStore;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.smtp.SpooledMail;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mail from the null sender: reports about mails of ours. One that says a mail failed is told to
 * the peer who wrote it; everything else ends here. Nothing that comes this way is ever answered.
 */
final class Reports {
  private static final Logger log = LoggerFactory.getLogger(Reports.class);

  private final BundleStore bundles;
  private final JourneyStore journeys;
  private final Notices notices;
  private final InstantSource clock;

  Reports(BundleStore bundles, JourneyStore journeys, Notices notices, InstantSource clock) {
    this.bundles = bundles;
    this.journeys = journeys;
    this.notices = notices;
    this.clock = clock;
  }

  void take(SpooledMail spooled) throws IOException {
    var words = "a report that is about no mail of ours";
    try {
      var report = MailReader.read(spooled.arrivedOctets()).report();
      if (report.isPresent() && report.get().failed()) {
        int told = 0;
        for (var bundle : about(report.get())) {
          for (var status : report.get().recipients()) {
            if (status.action() == DeliveryReport.Action.FAILED
                && isAbout(bundle, status.recipient())) {
              told += bounced(bundle, status) ? 1 : 0;
            }
          }
        }
        words = "a delivery report; " + told + " peer(s) told";
      } else if (report.isPresent()) {
        words = "a delivery report that tells of no failure";
      }
    } catch (MailException unreadable) {
      words = "a report that cannot be read: " + unreadable.advice();
    }
    log.info("report spool={} {}", spooled.id(), words);
    for (var recipient : spooled.envelope().forwardPaths()) {
      journeys.end(
          spooled.id().toString(),
          recipient,
          Outcome.WITHHELD,
          new Step(clock.instant(), Place.MAIL_TO_XMTP, words));
    }
  }

  private List<Bundle> about(DeliveryReport report) {
    return report.original().map(bundles::byMailId).orElse(List.of());
  }

  private static boolean isAbout(Bundle bundle, String recipient) {
    try {
      return Mailbox.parse(recipient).canonical().equals(bundle.recipient());
    } catch (MailException noMailbox) {
      return false;
    }
  }

  private boolean bounced(Bundle bundle, DeliveryReport.RecipientStatus status) {
    var code = status.status().startsWith("5.") ? status.status() : "5.0.0";
    if (!bundles.bounced(bundle.id(), code, status.diagnostic(), clock.instant())) {
      return false; // Told already.
    }
    notices.failed(bundle, code + " " + status.diagnostic());
    return true;
  }
}
