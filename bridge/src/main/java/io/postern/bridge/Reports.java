package io.postern.bridge;

import io.postern.mail.Bounce;
import io.postern.mail.Complaint;
import io.postern.mail.DeliveryReport;
import io.postern.mail.DeliveryReport.Action;
import io.postern.mail.DeliveryReport.RecipientStatus;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Bundle;
import io.postern.mapping.BundleStore;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.Journey.Place;
import io.postern.mapping.Journey.Step;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.NoticeText;
import io.postern.mapping.OutboxState;
import io.postern.mapping.Suppression;
import io.postern.mapping.SuppressionList;
import io.postern.mapping.ThreadIds;
import io.postern.smtp.SpoolId;
import io.postern.smtp.SpooledMail;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mail from the null sender, and complaints: reports about mails of ours. One that says a mail
 * failed, or is late, is told to the peer who wrote it; who complained of a mail is mailed no more
 * by its peer; that a mail was displayed is for {@link ReceiptsToXmtp}; everything else ends here.
 * Nothing that comes this way is ever answered.
 *
 * <p>A report counts only about the mail whose return path it came to (RFC 3461 §6), or whose
 * return path it gives as the envelope id (§4.4): the Message-ID that it returns authorises
 * nothing, since whoever has seen an answer to the mail knows it. A complaint comes to another
 * address, so it must name that path: in Original-Mail-From (RFC 5965 §3.2) or the Return-Path of
 * the mail that it returns, which only whoever got the mail has seen.
 */
final class Reports {
  private static final Logger log = LoggerFactory.getLogger(Reports.class);

  /** So long, and so often, a report waits until the delivery of its mail is noted. */
  private static final Duration WAIT = Duration.ofMinutes(1);

  private static final int MAX_WAITS = 10;

  private final Jdbi jdbi;
  private final BundleStore bundles;
  private final JourneyStore journeys;
  private final SuppressionList suppressions;
  private final AbuseAddress abuse;
  private final ThreadIds threadIds;
  private final Notices notices;
  private final ReceiptsToXmtp receipts;
  private final InstantSource clock;

  /**
   * Reports of delays that wait, by the id of the bundle; those from before a start are not here.
   */
  private final Map<Long, SpoolId> delays = new ConcurrentHashMap<>();

  Reports(
      Jdbi jdbi,
      AddressRules rules,
      ThreadIds threadIds,
      Notices notices,
      ReceiptsToXmtp receipts,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.bundles = new BundleStore(jdbi);
    this.journeys = new JourneyStore(jdbi);
    this.suppressions = new SuppressionList(jdbi);
    this.abuse = new AbuseAddress(rules);
    this.threadIds = threadIds;
    this.notices = notices;
    this.receipts = receipts;
    this.clock = clock;
  }

  /** Whether a mail is for the machine, not for a peer. */
  boolean isFor(Envelope envelope) {
    return envelope.reversePath().isEmpty() || abuse.isAllOf(envelope);
  }

  /** When a report is to be taken again, and why. */
  record Later(Instant until, String why) {}

  /**
   * Ends the journey of such a mail.
   *
   * @return empty; else it is too early, and nothing has ended
   */
  Optional<Later> take(SpooledMail spooled, Mail mail) {
    var found = read(spooled, mail);
    if (found.later().isPresent()) {
      return found.later();
    }
    var words = found.words();
    log.info("report spool={} {}", spooled.id(), words);
    for (var recipient : spooled.envelope().forwardPaths()) {
      journeys.end(
          spooled.id().toString(),
          recipient,
          Outcome.WITHHELD,
          new Step(clock.instant(), Place.MAIL_TO_XMTP, words));
    }
    return Optional.empty();
  }

  /** What was found in a report; it is taken again if there is a time for that. */
  private record Found(String words, Optional<Later> later) {
    static Found of(String words) {
      return new Found(words, Optional.empty());
    }
  }

  private Found read(SpooledMail spooled, Mail mail) {
    var complaint = Complaint.read(mail);
    if (complaint.isPresent()) {
      return Found.of(complained(spooled, complaint.get()));
    }
    if (mail.receipt().isPresent()) {
      var about = about(spooled.envelope().forwardPaths()).values();
      return Found.of(receipts.take(mail.receipt().get(), about));
    }
    var read = Bounce.read(mail);
    if (read.isEmpty()) {
      return Found.of(
          mail.automaticReply()
              ? "an automatic reply for the machine"
              : "mail for the machine that is no report");
    }
    var report = read.get();
    if (!report.failed() && !report.delayed()) {
      return Found.of("a delivery report that tells of no failure");
    }
    int told = 0;
    boolean first = true; // Of a digest, which has failed once and not once for each part.
    Optional<Later> later = Optional.empty();
    for (var bundle : about(spooled, report)) {
      if (mail.report().isEmpty() && isBy(bundle.recipient(), mail)) {
        // Nobody reports of themselves that they cannot be reached: it only reads like that.
        return Found.of("mail from the null sender by the person that a mail of ours went to");
      }
      var failed = status(report, Action.FAILED, bundle.recipient());
      var delayed = status(report, Action.DELAYED, bundle.recipient());
      if (failed.isPresent()) {
        told += bounced(bundle, failed.get(), first) ? 1 : 0;
        first = false;
        later = later.or(() -> untilNoted(bundle, spooled.attempts()));
      } else if (delayed.isPresent()) {
        var early = untilLate(bundle, spooled.id());
        told += delayed(bundle, delayed.get()) ? 1 : 0;
        later = later.or(() -> early);
      }
    }
    // Whoever is told already is not told again.
    return new Found("a delivery report; " + told + " peer(s) told", later);
  }

  /**
   * A report may come before it is noted here that the far side had taken the mail. It waits for
   * that, but not for ever: the note may have been lost, and the mail is sent again then.
   */
  private Optional<Later> untilNoted(Bundle asRead, int attempts) {
    // As it was read first: should it be noted meanwhile, the next look finds that.
    return asRead.state() == OutboxState.BUNDLED && attempts < MAX_WAITS
        ? Optional.of(
            new Later(
                clock.instant().plus(WAIT),
                "it is not noted yet that " + asRead.mailId() + " was delivered"))
        : Optional.empty();
  }

  /**
   * Most mails that are late at first arrive all the same, so the first report of a delay waits
   * until a day is over, and says more only then. Others of the same mail would say nothing else.
   */
  private Optional<Later> untilLate(Bundle bundle, SpoolId report) {
    var late = bundle.closedAt().plus(OutboxLoop.LATE);
    boolean mayArrive =
        bundle.state() == OutboxState.DELIVERED || bundle.state() == OutboxState.BUNDLED;
    if (!mayArrive || !clock.instant().isBefore(late)) {
      delays.remove(bundle.id());
      return Optional.empty();
    }
    return delays.computeIfAbsent(bundle.id(), id -> report).equals(report)
        ? Optional.of(new Later(late, "a day is not over yet for " + bundle.mailId()))
        : Optional.empty();
  }

  private static boolean isBy(Mailbox person, Mail mail) {
    return mail.from().stream()
        .anyMatch(from -> from.mailbox().canonical().equals(person.canonical()));
  }

  /**
   * The mails that were sent with the return path that the report came to; if there is none, with
   * the one that it gives as their envelope id: that is as hard to guess.
   */
  private Collection<Bundle> about(SpooledMail spooled, DeliveryReport report) {
    var found = about(spooled.envelope().forwardPaths());
    var named = found.isEmpty() ? mailbox(report.envelopeId()) : Optional.<Mailbox>empty();
    return (named.isPresent() ? about(List.of(named.get())) : found).values();
  }

  /** The person is mailed no more by this peer, who hears nothing of it. */
  private String complained(SpooledMail spooled, Complaint complaint) {
    if (!complaint.isAgainstMail()) {
      return "a feedback report that is no complaint: " + complaint.kind();
    }
    var paths = new ArrayList<>(spooled.envelope().forwardPaths());
    paths.addAll(complaint.reversePaths());
    var found = about(paths);
    for (var bundle : found.values()) {
      suppressions.add(
          new Suppression(
              bundle.recipient(),
              Optional.of(bundle.sender()),
              Suppression.Reason.COMPLAINED,
              complaint.kind() + " of " + bundle.mailId(),
              clock.instant()));
    }
    var words = "a complaint about " + found.size() + " mail(s) of ours";
    // Said to whoever looks for it: some providers take the return path out.
    return complaint
        .original()
        .filter(id -> found.isEmpty() && !bundles.byMailId(id).isEmpty())
        .map(id -> words + "; " + id + " is named without its return path, so nothing changes")
        .orElse(words);
  }

  /** The mails that were sent with one of these return paths; by their ids in the database. */
  private Map<Long, Bundle> about(List<Mailbox> paths) {
    var found = new LinkedHashMap<Long, Bundle>();
    for (var path : paths) {
      for (var journey : journeys.find(path.canonical().toString())) {
        if (journey.kind() == Journey.Kind.MESSAGE) {
          bundles.byMailId(threadIds.message(MessageJourneys.message(journey.id()))).stream()
              .filter(bundle -> isReturnPathOf(path, bundle))
              .forEach(bundle -> found.put(bundle.id(), bundle));
        }
      }
    }
    return found;
  }

  private static boolean isReturnPathOf(Mailbox path, Bundle bundle) {
    return bundle
        .envelope()
        .reversePath()
        .map(Mailbox::canonical)
        .filter(path.canonical()::equals)
        .isPresent();
  }

  /**
   * What is said of our recipient. The return path is of one recipient alone, so a report that
   * names somebody else and only them is about whoever their mail was forwarded to.
   */
  private static Optional<RecipientStatus> status(
      DeliveryReport report, Action action, Mailbox recipient) {
    List<RecipientStatus> said =
        report.recipients().stream().filter(status -> status.action() == action).toList();
    return said.stream()
        .filter(
            status ->
                names(status.recipient(), recipient)
                    || names(status.originalRecipient(), recipient))
        .findFirst()
        .or(() -> report.recipients().size() == 1 ? said.stream().findFirst() : Optional.empty());
  }

  private static boolean names(String address, Mailbox recipient) {
    return mailbox(address).filter(recipient.canonical()::equals).isPresent();
  }

  private static Optional<Mailbox> mailbox(String address) {
    try {
      return Optional.of(Mailbox.parse(address).canonical());
    } catch (MailException noMailbox) {
      return Optional.empty();
    }
  }

  /**
   * A mail that the far side has taken and still carries about. It is told once, and not before a
   * day is over.
   *
   * @return whether the peer is told; not twice
   */
  private boolean delayed(Bundle bundle, RecipientStatus status) {
    var now = clock.instant();
    if (bundle.state() != OutboxState.DELIVERED
        || now.isBefore(bundle.closedAt().plus(OutboxLoop.LATE))) {
      return false;
    }
    var notice = notices.delayed(bundle, NoticeText.diagnostic(status));
    boolean told =
        notice.isPresent()
            && jdbi.inTransaction(
                handle ->
                    MessageJourneys.tellOfDelay(handle, journeys, bundle, now)
                        && notice.get().store(handle));
    if (told) {
      notice.get().publish();
    }
    return told;
  }

  /**
   * The failure, the notice and the journey's end stand or fall together.
   *
   * @param counts whether it is a failure more of the mailbox
   * @return whether the peer is told; not twice
   */
  private boolean bounced(Bundle bundle, RecipientStatus status, boolean counts) {
    var code = status.status().startsWith("5.") ? status.status() : "5.0.0";
    var words = NoticeText.diagnostic(status);
    var now = clock.instant();
    var notice = notices.failed(bundle, words);
    boolean told =
        jdbi.inTransaction(
            handle -> {
              if (!bundles.bounced(handle, bundle.id(), code, status.diagnostic(), now)) {
                return false;
              }
              if (counts) {
                suppressions.failed(handle, bundle.recipient(), code, status.diagnostic(), now);
              }
              boolean stored = notice.isPresent() && notice.get().store(handle);
              var end = "bounced: " + code + " " + words + Notices.told(stored);
              var step = new Step(now, Place.MAIL_SENDER, end);
              for (var message : bundle.messageIds()) {
                var id = MessageJourneys.id(bundle.installation(), message);
                journeys.end(handle, id, bundle.recipient(), Outcome.REFUSED, step);
              }
              return stored;
            });
    if (told) {
      notice.get().publish();
    }
    return told;
  }
}
