package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.EachDatabase;
import io.postern.mail.AcceptedMail;
import io.postern.mail.Attachment;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.ReadableMail;
import io.postern.mail.Received;
import io.postern.mail.auth.DkimSigner;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.MappingRule;
import io.postern.mapping.ThreadIds;
import io.postern.out.MailSender;
import io.postern.smtp.Spool;
import io.postern.smtp.SpoolStore;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.store.Lease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * A spool, its loop and that of the reports, with an XMTP world and a mail server that answer as
 * the test says. The loops take their turns in the test's own thread, by a clock that the test
 * moves.
 */
final class CarriedMail implements AutoCloseable {
  static final String DOMAIN = "bridge.example";
  static final Mailbox BOB = new Mailbox("bob", "example.org");
  static final Mailbox ALICE = new Mailbox("alice", DOMAIN);
  static final Mailbox CAROL = new Mailbox("carol", DOMAIN);
  static final Mailbox DAVE = new Mailbox("dave", DOMAIN);

  /** A person whose address is at the bridge domain, and whose mailbox is elsewhere. */
  static final Mailbox ERIN = new Mailbox("erin", DOMAIN);

  static final Delivery DELIVERED = new Delivery.Delivered("ok");
  static final Delivery AWAY = new Delivery.Deferred(SpoolLoop.NETWORK_AWAY, "no network");
  static final Delivery BUSY = new Delivery.Deferred("4.3.0", "not just now");
  static final Delivery REFUSED = new Delivery.Refused("5.1.1", "nobody there");

  private final Path folder;
  final TestClock clock = new TestClock();
  final Map<Mailbox, Delivery> outcomes = new HashMap<>();
  final List<String> tried = new ArrayList<>();

  /** What the mails say, each as often as it was made. */
  final Set<ReadableMail> read = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Digests of the files of each mail that was carried. */
  final List<List<String>> whole = new ArrayList<>();

  final List<byte[]> sent = new ArrayList<>();
  Delivery ofReports = DELIVERED;
  RuntimeException bug;

  /** What the disk has free. */
  long room = Long.MAX_VALUE;

  Runnable whileCarrying = () -> {};
  TestStore store;
  JourneyStore journeys;
  Verdict verdict = Verdict.unchecked();
  Spool spool;
  Spool reportSpool;
  Arrivals arrivals;
  SenderReports senderReports;
  SpoolLoop loop;

  CarriedMail(Path folder) throws Exception {
    this.folder = folder;
    store = new TestStore();
    journeys = new JourneyStore(store.jdbi());
    start();
  }

  void start() throws Exception {
    var time = clock.asClock();
    spool = Spool.open(store(folder.resolve("spool")), time);
    reportSpool = Spool.open(store(folder.resolve("reports")), time);
    arrivals = Arrivals.open(carrying(), octets -> octets < room);
    senderReports = reports(to -> this::send, Runnable::run);
    loop = loop(Runnable::run);
  }

  /** Where what is carried lies decoded. */
  Path carrying() {
    return folder.resolve("carrying");
  }

  /** As the daemon has it on this database. */
  private SpoolStore store(Path place) throws IOException {
    var files = SpoolStore.folder(place);
    return EachDatabase.isPostgres()
        ? new SpoolTable(StoredSpool.rows(place, store.jdbi(), store.source()), 1, Lease.ALL, files)
        : files;
  }

  /** The loop of the spool, with threads of the test's own. */
  SpoolLoop loop(Executor workers) throws MailException {
    var client = store.client(TestStore.away());
    var notices = new Notices(store.store(), client, clock);
    return new SpoolLoop(
        spool,
        arrivals,
        this::deliver,
        new Reports(
            store.jdbi(),
            rules(),
            new ThreadIds(List.of(DOMAIN)),
            notices,
            new ReceiptsToXmtp(store.store(), client, true, clock),
            clock),
        new MailJourneys(store.jdbi(), senderReports, clock),
        workers,
        clock);
  }

  private static AddressRules rules() throws MailException {
    var erins = AddressPattern.parse(ERIN.toString());
    var hosted = new MappingRule(erins, new MappingRule.Host(), "postern.yml:1");
    return new AddressRules(List.of(DOMAIN), List.of(hosted));
  }

  /** The loop of the reports, with a mail server of the test's own. */
  SenderReports reports(Function<Mailbox, MailSender> senders, Executor workers)
      throws MailException {
    return new SenderReports(
        reportSpool,
        senders,
        Mailbox::domain,
        rules(),
        new ThreadIds(List.of(DOMAIN)),
        new DkimSigner(List.of()),
        DOMAIN,
        workers,
        clock);
  }

  @Override
  public void close() throws IOException {
    stop();
    store.close();
  }

  void stop() throws IOException {
    loop.close();
    senderReports.close();
    spool.close();
    reportSpool.close();
  }

  private Delivery deliver(Arrival arrival, Mailbox recipient) {
    whole.add(arrival.mail().attachments().stream().map(Attachment::digest).toList());
    tried.add(arrival.mail().subject() + ">" + recipient.localPart());
    read.add(arrival.readable());
    whileCarrying.run();
    if (bug != null) {
      throw bug;
    }
    return outcomes.getOrDefault(recipient, DELIVERED);
  }

  private Delivery send(Envelope envelope, byte[] octets) {
    assertThat(envelope.reversePath()).isEmpty();
    if (ofReports instanceof Delivery.Delivered) {
      sent.add(octets);
    }
    return ofReports;
  }

  String arrive(Mailbox from, String subject, List<Mailbox> to, String... fields) throws Exception {
    return arrive(Envelope.of(from, to), subject, fields);
  }

  String arrive(Envelope envelope, String subject, String... fields) throws Exception {
    var before = all();
    var text = new StringBuilder("From: <" + BOB + ">\r\nSubject: " + subject + "\r\n");
    for (var field : fields) {
      text.append(field).append("\r\n");
    }
    text.append("\r\ntext\r\n");
    accept(envelope, text.toString());
    return all().stream().filter(id -> !before.contains(id)).findFirst().orElseThrow();
  }

  /** A mail in one's own words. */
  void accept(Envelope envelope, String text) throws Exception {
    var received = new Received(clock.instant(), "127.0.0.1", "h", false, verdict);
    spool.accept(new AcceptedMail(envelope, text.getBytes(StandardCharsets.UTF_8), received));
  }

  private List<String> all() throws Exception {
    return spool.due(Instant.MAX, 1000).stream().map(mail -> mail.id().toString()).toList();
  }

  Map<String, Outcome> outcomes(String id) {
    var by = new LinkedHashMap<String, Outcome>();
    journey(id).outcomes().forEach((mailbox, outcome) -> by.put(mailbox.localPart(), outcome));
    return by;
  }

  /**
   * A message for a mailbox has arrived: its journey begins.
   *
   * @param names by which it is found, beside its id
   * @return the id of the journey
   */
  String arrived(InstallationId installation, String message, Mailbox to, List<String> names) {
    var id = MessageJourneys.id(installation, message);
    var step = new Journey.Step(clock.instant(), Journey.Place.GROUP_SYNC, "received");
    store
        .jdbi()
        .useTransaction(
            handle -> journeys.begin(handle, id, Journey.Kind.MESSAGE, names, List.of(to), step));
    return id;
  }

  Journey journey(String id) {
    return journeys.byId(id).orElseThrow();
  }

  void turn(Duration later) throws Exception {
    clock.goOn(later);
    loop.turn();
    senderReports.turn();
  }
}
