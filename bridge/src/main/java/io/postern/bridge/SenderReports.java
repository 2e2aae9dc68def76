package io.postern.bridge;

import io.postern.mail.AcceptedMail;
import io.postern.mail.Delivery;
import io.postern.mail.DeliveryReport;
import io.postern.mail.DeliveryReport.RecipientStatus;
import io.postern.mail.Draft;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailHeader;
import io.postern.mail.MailReader;
import io.postern.mail.MailWriter;
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
import io.postern.smtp.SpoolId;
import io.postern.smtp.SpooledMail;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the sender of a mail that it did not arrive, or not yet, with a report (RFC 3464) from the
 * null sender; that it was displayed, likewise (RFC 8098). Reports wait in a spool of their own, so
 * that a mail server that is away for a while, or a crash of ours, loses none; after 48 hours one
 * is given up, and nobody is told of that. One at a time goes each way, so that a slow server holds
 * up no other's; a way on which nobody was reached is closed for a while, see {@link Routes}.
 */
final class SenderReports extends Loop {
  private static final Logger log = LoggerFactory.getLogger(SenderReports.class);

  private static final int AT_ONCE = 100;
  private static final int MAX_IN_WORK = 10_000;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Spool waiting;
  private final Function<Mailbox, MailSender> senders;
  private final Function<Mailbox, Object> ways;
  private final AddressRules rules;
  private final ThreadIds threadIds;
  private final DkimSigner signer;
  private final String hostname;
  private final InstantSource clock;
  private final Routes routes = new Routes();
  private final Lanes lanes;
  private final Outage ownTrouble = new Outage("the spool of reports");

  /** Reports in a lane. Only turns touch it, so that a report is never seen as due twice. */
  private final Set<SpoolId> inWork = new HashSet<>();

  private final Queue<SpoolId> released = new ConcurrentLinkedQueue<>();

  /** For whose way there was no place; they wait for one that travels. */
  private final Queue<SpoolId> parked = new ConcurrentLinkedQueue<>();

  private final AtomicInteger travelling = new AtomicInteger();

  /**
   * @param waiting where reports wait
   * @param senders how mail to somebody leaves
   * @param ways which of them have their way in common
   * @param hostname who says so
   * @param workers threads that may wait for far servers
   */
  SenderReports(
      Spool waiting,
      Function<Mailbox, MailSender> senders,
      Function<Mailbox, Object> ways,
      AddressRules rules,
      ThreadIds threadIds,
      DkimSigner signer,
      String hostname,
      Executor workers,
      InstantSource clock) {
    super("reports");
    this.waiting = waiting;
    this.senders = senders;
    this.ways = ways;
    this.rules = rules;
    this.threadIds = threadIds;
    this.signer = signer;
    this.hostname = hostname;
    this.clock = clock;
    this.lanes = new Lanes(workers);
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
    var silence = silenceAbout(about);
    if (silence.isPresent()) {
      return "its sender is not told: " + silence.get();
    }
    var to = about.envelope().reversePath().orElseThrow();
    var report = new DeliveryReport(hostname, "", Optional.empty(), statuses);
    var now = clock.instant();
    var id = threadIds.notice(name(about, statuses));
    accept(to, report.write(postmaster(), to, now, id, beginning(about)), now);
    return "its sender is told";
  }

  /**
   * Tells somebody that what they asked for by a mail was done. When this returns it is durable;
   * the same mail and words have the same id, however often they are written.
   *
   * @param to who may speak, and wrote the mail
   */
  void confirm(Arrival about, Mailbox to, String subject, String words) throws IOException {
    var now = clock.instant();
    var name = about.id() + "/" + subject;
    var id = threadIds.notice(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    var draft =
        Draft.of(postmaster(), NamedMailbox.of(to), now, id, subject, new Draft.Text(words))
            .withAutomation(Draft.Automation.REPLIED)
            .withExtra(List.of(new MailHeader.Field("X-XMTP-Bridge", hostname)));
    var answer = about.mail().id().map(of -> draft.answering(of, List.of(of))).orElse(draft);
    accept(to, MailWriter.write(answer), now);
  }

  /** What a report may return. */
  private static byte[] beginning(SpooledMail mail) throws IOException {
    try (var original = mail.openArrived()) {
      return original.readNBytes(DeliveryReport.MAX_RETURNED_HEADER);
    }
  }

  private NamedMailbox postmaster() {
    return new NamedMailbox("Postern", new Mailbox("postmaster", hostname));
  }

  /** Signs a report, and sends it from the null sender. When this returns it is durable. */
  void accept(Mailbox to, byte[] written, Instant now) throws IOException {
    try {
      waiting.accept(
          new AcceptedMail(
              Envelope.fromNobody(List.of(to)),
              signer.sign(written, now),
              new Received(now, "127.0.0.1", "", false, Verdict.none())));
    } catch (MailException full) {
      throw new IOException("the report could not be stored: " + full.advice(), full);
    }
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
  private Optional<String> silenceAbout(SpooledMail about) throws IOException {
    var ofEnvelope = silence(about);
    if (ofEnvelope.isPresent()) {
      return ofEnvelope;
    }
    try (var original = about.openArrived()) {
      return silence(MailReader.skim(original, about.size()));
    } catch (MailException unreadable) {
      return Optional.of("what cannot be read may be a machine's");
    }
  }

  /** The same for a mail that has been read. */
  Optional<String> silence(SpooledMail about, Mail mail) {
    return silence(about).or(() -> silence(mail));
  }

  private Optional<String> silence(SpooledMail about) {
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
    return Optional.empty();
  }

  private static Optional<String> silence(Mail mail) {
    if (mail.automatic()) {
      return Optional.of("a machine made it");
    }
    return mail.fromList() ? Optional.of("it came by a mailing list") : Optional.empty();
  }

  @Override
  Duration turn() throws IOException {
    SpoolId over;
    while ((over = released.poll()) != null) {
      inWork.remove(over);
    }
    var now = clock.instant();
    var trouble = ownTrouble.remaining(now);
    if (trouble.isPresent()) {
      return trouble.get();
    }
    if (inWork.size() >= MAX_IN_WORK) {
      return IDLE; // Each report that is through wakes the loop.
    }
    var due = waiting.due(now, AT_ONCE, inWork);
    for (var report : due) {
      var way = ways.apply(recipient(report));
      inWork.add(report.id());
      lanes.add(way, () -> carry(report, way));
    }
    if (due.size() == AT_ONCE) {
      return Duration.ZERO;
    }
    // What is due already is in work, and wakes the loop when it is through.
    return waitUntil(waiting.nextDue().filter(next -> next.isAfter(now)), now, IDLE);
  }

  private static Mailbox recipient(SpooledMail report) {
    return report.envelope().forwardPaths().get(0);
  }

  /** Sends no report half-way: returns when those that travel have arrived. */
  @Override
  public void close() {
    super.close();
    lanes.close();
  }

  private void carry(SpooledMail report, Object way) {
    try {
      var leave = routes.enter(way, clock.instant());
      if (leave instanceof Routes.Leave.Closed closed) {
        defer(report, closed.why());
      } else if (leave instanceof Routes.Leave.Go) {
        travelling.incrementAndGet();
        send(report, way);
      } else {
        park(report);
        return;
      }
      ownTrouble.back();
    } catch (IOException | RuntimeException | StackOverflowError failed) {
      // Nothing could be noted: a pause, else the same would fail again at once.
      log.error("report={} could not be settled", report.id(), failed);
      ownTrouble.gone(clock.instant(), Optional.empty(), String.valueOf(failed.getMessage()));
    }
    released.add(report.id());
    wake();
  }

  /** It stays in work, so that it is not found due again, until one that travels has arrived. */
  private void park(SpooledMail report) {
    parked.add(report.id());
    if (travelling.get() == 0) {
      unpark(); // They arrived between the question and now.
    }
  }

  private void unpark() {
    SpoolId next;
    while ((next = parked.poll()) != null) {
      released.add(next);
    }
    wake();
  }

  private void send(SpooledMail report, Object way) throws IOException {
    Optional<Delivery> outcome = Optional.empty();
    try {
      outcome = Optional.of(outcome(report));
    } catch (DamagedFileException damaged) {
      waiting.setAside(report.id(), damaged.getMessage());
    } finally {
      routes.end(way, outcome, clock.instant());
      travelling.decrementAndGet();
      unpark();
    }
    if (outcome.isPresent()) {
      settle(report, outcome.get());
    }
  }

  private Delivery outcome(SpooledMail report) throws IOException {
    try {
      var sender = senders.apply(recipient(report));
      return sender.send(report.envelope(), report.arrivedOctets());
    } catch (RuntimeException | StackOverflowError bug) {
      log.error("report={} could not be sent", report.id(), bug);
      return new Delivery.Deferred("4.3.0", "an internal trouble of this server");
    }
  }

  private void settle(SpooledMail report, Delivery delivery) throws IOException {
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
