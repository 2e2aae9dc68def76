package io.postern.bridge;

import io.postern.mail.AcceptedMail;
import io.postern.mail.Delivery;
import io.postern.mail.DeliveryReport;
import io.postern.mail.DeliveryReport.RecipientStatus;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.DkimSigner;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Destination;
import io.postern.mapping.ThreadIds;
import io.postern.out.MailSender;
import io.postern.smtp.DamagedFileException;
import io.postern.smtp.Spool;
import io.postern.smtp.SpooledMail;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the sender of a mail that it did not arrive, or not yet, with a report (RFC 3464) from the
 * null sender. Reports wait in a spool of their own, so that a mail server that is away for a
 * while, or a crash of ours, loses none; after 48 hours one is given up, and nobody is told of
 * that.
 */
final class SenderReports extends Loop {
  private static final Logger log = LoggerFactory.getLogger(SenderReports.class);

  private static final int AT_ONCE = 100;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Spool waiting;
  private final Function<Mailbox, MailSender> senders;
  private final AddressRules rules;
  private final ThreadIds threadIds;
  private final DkimSigner signer;
  private final String hostname;
  private final InstantSource clock;

  /**
   * @param waiting where reports wait
   * @param senders how mail to somebody leaves
   * @param hostname who says so
   */
  SenderReports(
      Spool waiting,
      Function<Mailbox, MailSender> senders,
      AddressRules rules,
      ThreadIds threadIds,
      DkimSigner signer,
      String hostname,
      InstantSource clock) {
    super("reports");
    this.waiting = waiting;
    this.senders = senders;
    this.rules = rules;
    this.threadIds = threadIds;
    this.signer = signer;
    this.hostname = hostname;
    this.clock = clock;
    waiting.onArrival(this::wake);
  }

  static RecipientStatus failed(Mailbox recipient, String status, String words) {
    return new RecipientStatus(
        recipient.toString(), "", DeliveryReport.Action.FAILED, status, words);
  }

  static RecipientStatus delayed(Mailbox recipient, String status, String words) {
    return new RecipientStatus(
        recipient.toString(), "", DeliveryReport.Action.DELAYED, status, words);
  }

  /**
   * Writes one report about some recipients of a mail. When this returns it is durable.
   *
   * @return for the journey: that its sender was told, or why not
   */
  String tell(SpooledMail about, List<RecipientStatus> statuses) throws IOException {
    var original = about.arrivedOctets();
    var silence = silence(about, original);
    if (silence.isPresent()) {
      return "its sender is not told: " + silence.get();
    }
    var to = about.envelope().reversePath().orElseThrow();
    var report = new DeliveryReport(hostname, "", Optional.empty(), statuses);
    var postmaster = new NamedMailbox("Postern", new Mailbox("postmaster", hostname));
    var now = clock.instant();
    var id = threadIds.notice(name(about, statuses));
    var octets = signer.sign(report.write(postmaster, to, now, id, original), now);
    try {
      waiting.accept(
          new AcceptedMail(
              Envelope.fromNobody(List.of(to)),
              octets,
              new Received(now, "127.0.0.1", "", false, Verdict.none())));
    } catch (MailException full) {
      throw new IOException("the report could not be stored: " + full.advice(), full);
    }
    return "its sender is told";
  }

  /** The same report has the same id, however often it is written. */
  private static UUID name(SpooledMail about, List<RecipientStatus> statuses) {
    var recipients =
        statuses.stream()
            .map(status -> status.action() + " " + status.recipient())
            .sorted()
            .collect(Collectors.joining(","));
    var text = about.id() + "/" + recipients;
    return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Why nobody is told: there is nobody, or nobody has shown that the reverse-path is theirs, so
   * that a bystander would get the report; it is a machine or a list; or it would come back here.
   */
  private Optional<String> silence(SpooledMail about, byte[] original) {
    var to = about.envelope().reversePath();
    if (to.isEmpty()) {
      return Optional.of("it came from the null sender");
    }
    if (!about.received().verdict().returnable()) {
      return Optional.of("its reverse-path may be forged, and is somebody else's then");
    }
    // A person there has a mailbox elsewhere, which their mapping names.
    if (rules.isAtBridge(to.get()) && !(rules.resolve(to.get()) instanceof Destination.Person)) {
      return Optional.of(to.get().domain() + " is a domain of this bridge");
    }
    Mail mail;
    try {
      mail = MailReader.read(original);
    } catch (MailException unreadable) {
      return Optional.of("what cannot be read may be a machine's");
    }
    if (mail.automatic()) {
      return Optional.of("a machine made it");
    }
    return mail.fromList() ? Optional.of("it came by a mailing list") : Optional.empty();
  }

  @Override
  Duration turn() throws IOException {
    var now = clock.instant();
    for (var report : waiting.due(now, AT_ONCE)) {
      if (isStopped()) {
        break;
      }
      try {
        send(report);
      } catch (DamagedFileException damaged) {
        waiting.setAside(report.id(), damaged.getMessage());
      } catch (RuntimeException bug) {
        log.error("report={} could not be sent", report.id(), bug);
        defer(report, new Delivery.Deferred("4.3.0", "an internal trouble of this server"));
      }
    }
    return waitUntil(waiting.nextDue(), clock.instant(), IDLE);
  }

  private void send(SpooledMail report) throws IOException {
    var to = report.envelope().forwardPaths().get(0);
    var delivery = senders.apply(to).send(report.envelope(), report.arrivedOctets());
    if (delivery instanceof Delivery.Delivered delivered) {
      log.info("report sent report={} reference={}", report.id(), delivered.reference());
      waiting.done(report.id());
      return;
    }
    if (delivery instanceof Delivery.Refused refused) {
      log.warn("report refused report={} status={}", report.id(), refused.status());
      waiting.done(report.id()); // Nobody is told that a report failed. RFC 5321 §6.1.
      return;
    }
    defer(report, (Delivery.Deferred) delivery);
  }

  private void defer(SpooledMail report, Delivery.Deferred deferred) throws IOException {
    var next =
        RetrySchedule.next(
            report.received().at(), clock.instant(), report.attempts() + 1, deferred.retryAfter());
    if (next.isEmpty()) {
      log.warn("report given up report={} status={}", report.id(), deferred.status());
      waiting.done(report.id());
      return;
    }
    if (report.attempts() == 0) {
      log.warn("report deferred report={} reason={}", report.id(), deferred.reason());
    }
    waiting.defer(report.id(), next.get(), deferred.status() + " " + deferred.reason());
  }
}
