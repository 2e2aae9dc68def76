package io.postern.bridge;

import io.postern.bridge.web.CapturedMails;
import io.postern.bridge.web.StatusPage;
import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.Receipts;
import io.postern.mail.auth.Dns;
import io.postern.mapping.AskedMails;
import io.postern.mapping.BindingStore;
import io.postern.mapping.BundleStore;
import io.postern.mapping.CarrierStore;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.LoopCeiling;
import io.postern.mapping.Outbox;
import io.postern.mapping.RejectStore;
import io.postern.mapping.ThreadIds;
import io.postern.node.LocalNode;
import io.postern.node.NodeException;
import io.postern.out.DnsJava;
import io.postern.out.PublicAddress;
import io.postern.smtp.JudgedSpool;
import io.postern.smtp.ListenerKind;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon: builds the parts from the configuration, starts them in order and stops them in the
 * reverse one. It is the only place that knows all of them.
 */
public final class Bridge implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bridge.class);

  /** Requests of the status page that are served at once, whatever the mail servers do. */
  private static final int STATUS_THREADS = 8;

  private static final Duration RENEW_POLICIES_AFTER = Duration.ofHours(1);

  /** Whether a backup is due. */
  private static final Duration BACK_UP_AFTER = Duration.ofMinutes(5);

  private static final Duration EXPIRE_AFTER = Duration.ofHours(1);

  private final Config config;
  private final Dns dns;
  private final Clock clock;
  private final Checkpoint.Watch watch;

  /** Clients of whom nothing is known; others are of networks of our own. */
  private final Predicate<InetAddress> strangers;

  private final Parts parts = new Parts();
  private Optional<LocalNode> node = Optional.empty();
  private Entrance entrance;
  private StatusPage page;
  private Database database;
  private Optional<DatabaseFile> databaseFile = Optional.empty();

  private Bridge(
      Config config,
      Dns dns,
      Clock clock,
      Checkpoint.Watch watch,
      Predicate<InetAddress> strangers) {
    this.config = config;
    this.dns = dns;
    this.clock = clock;
    this.watch = watch;
    this.strangers = strangers;
  }

  /**
   * Starts everything; when this returns, mail and messages are carried.
   *
   * @throws BridgeException with what to do about it; nothing is left running then
   */
  public static Bridge open(Config config, Clock clock) throws BridgeException {
    return open(config, clock, checkpoint -> {});
  }

  /** The same, watched. */
  static Bridge open(Config config, Clock clock, Checkpoint.Watch watch) throws BridgeException {
    return open(config, DnsJava.plain(config.dns()), clock, watch);
  }

  /** The same, with a DNS of one's own. */
  static Bridge open(Config config, Dns dns, Clock clock, Checkpoint.Watch watch)
      throws BridgeException {
    return open(config, dns, clock, watch, PublicAddress::isPublic);
  }

  /** The same, with an opinion of one's own about which clients are strangers. */
  static Bridge open(
      Config config, Dns dns, Clock clock, Checkpoint.Watch watch, Predicate<InetAddress> strangers)
      throws BridgeException {
    makeDataFolder(config);
    var database = Database.open(config.store());
    return open(new Bridge(config, dns, clock, watch, strangers), database);
  }

  /**
   * The same on a database that is ours already.
   *
   * @param database closed with the bridge, and if this fails
   */
  static Bridge open(Config config, Clock clock, Database database) throws BridgeException {
    Bridge bridge;
    try {
      var dns = DnsJava.plain(config.dns());
      bridge = new Bridge(config, dns, clock, checkpoint -> {}, PublicAddress::isPublic);
    } catch (RuntimeException | Error failed) {
      database.close();
      throw failed;
    }
    return open(bridge, database);
  }

  private static Bridge open(Bridge bridge, Database database) throws BridgeException {
    try {
      bridge.start(database);
      return bridge;
    } catch (BridgeException | RuntimeException | Error failed) {
      bridge.close();
      throw failed;
    } catch (IOException | SQLException | NodeException failed) {
      bridge.close();
      throw new BridgeException(Words.of(failed), failed);
    }
  }

  private void start(Database held)
      throws BridgeException, IOException, SQLException, NodeException {
    database = held;
    var opened = parts.add(OpenedStore.open(config, database, clock.instant()));
    var vault = opened.vault();
    var store = opened.client();
    var jdbi = store.jdbi();
    opened.requireSeed(config);
    databaseFile = database.govern(jdbi);
    if (databaseFile.isPresent()) { // It is in this heap, too.
      MemoryShares.complaint(Runtime.getRuntime().maxMemory(), config.smtp().mails().maxMailBytes())
          .ifPresent(log::warn);
    }
    // Early: who begins to stand by meanwhile compares itself.
    var lease = store.lease();
    new CarrierStore(jdbi).write(StandbyCheck.carrier(config, clock.instant()), lease.ours());
    var workers = parts.add(Workers.open(Entrance.threads(config) + STATUS_THREADS));

    if (config.network() instanceof NetworkSettings.Local) {
      node = Optional.of(parts.add(LocalNode.open(config.node())));
    }
    var spool = parts.add(StoredSpool.open(config.data().resolve("spool"), database, jdbi, clock));
    var room = new DiskRoom(spool, databaseFile);
    var network =
        parts.add(new WatchedNode(V3Node.open(V3Settings.at(networkUrl()), clock), watch, room));

    var domain = config.domains().get(0);
    var rules = config.addressRules();
    var threadIds = new ThreadIds(config.domains());
    var bindings = new BindingStore(jdbi);
    var journeys = new JourneyStore(jdbi);
    var outbox = new Outbox(jdbi, config.quiet(), rules::digestOf, lease);
    var ceiling = new LoopCeiling(jdbi);
    var bundles = new BundleStore(jdbi);
    var senders = parts.add(Senders.open(config, clock));
    var signer = MailSigning.open(config.dkim(), config.domains());

    var arrivals = new Wakeup();
    var client =
        parts.add(
            XmtpClient.open(
                store, network, workers.lanes(), workers.scheduler(), clock, arrivals::wake));
    var peers = new Peers(client, workers.lanes(), clock);
    var persons = new Persons(client, bindings, clock);
    var notices = new Notices(store, client, clock);
    var kept =
        KeptMails.open(
            config.data().resolve("kept"), config.keepMails().time(), vault, jdbi, clock);

    boolean carriesReceipts = config.receipts() == Receipts.ON;
    var reports =
        parts.add(StoredSpool.open(config.data().resolve("reports"), database, jdbi, clock));
    var senderReports =
        new SenderReports(
            reports,
            senders::of,
            senders::way,
            rules,
            threadIds,
            signer,
            domain,
            workers.senders(),
            clock);
    var receipts =
        new ReceiptsToMail(store, senderReports, threadIds, domain, carriesReceipts, clock);

    var leaving =
        Leaving.of(
            config,
            store,
            outbox,
            senders,
            signer,
            peers,
            notices,
            room,
            // Else the server notes what has left.
            databaseFile.isPresent() ? room : () -> true,
            workers,
            watch,
            clock);
    var carried = Arrivals.open(config.data().resolve("carrying"), spool::hasRoomFor);
    var wholeMails = new WholeMailLoop(store, journeys, kept, client, carried::scratch, clock);
    var toMail =
        new XmtpToMail(
            store,
            bindings,
            outbox,
            ceiling,
            journeys,
            new WholeMailCommand(
                kept.store(), new AskedMails(jdbi), client, wholeMails::wake, clock),
            notices,
            receipts,
            leaving.bundles()::wake,
            watch,
            clock);
    arrivals.wakes(toMail);

    var spoolLoop =
        new SpoolLoop(
            spool,
            carried,
            new MailToXmtp(
                    store,
                    rules,
                    threadIds,
                    peers,
                    persons,
                    kept,
                    senderReports,
                    receipts,
                    watch,
                    clock)
                ::deliver,
            new Reports(
                jdbi,
                rules,
                threadIds,
                notices,
                new ReceiptsToXmtp(store, client, carriesReceipts, clock),
                clock),
            new MailJourneys(jdbi, senderReports, clock),
            workers.carriers(),
            clock);

    var dead = new StoredDeadLetters(jdbi, spool, leaving.outbox()::wake, clock);

    var loops =
        new ArrayList<Loop>(
            List.of(
                leaving.outbox(), leaving.bundles(), wholeMails, toMail, senderReports, spoolLoop));
    if (database.life().isPresent()) {
      loops.add(new ClaimLoop(List.of(spool, reports)));
    }
    loops.forEach(parts::add);
    var inboxTroubles = new InboxTroubles(client);
    var backups =
        new MadeBackups(
            new Backup(database.source(), store, vault),
            config.data().resolve("backups"),
            workers.carriers(),
            clock);
    var jobs = parts.add(Jobs.open());
    jobs.every(Duration.ofSeconds(5), "key packages and waiting welcomes", client::maintain);
    if (databaseFile.isPresent()) {
      jobs.every(Duration.ofSeconds(1), "unsaved changes", databaseFile.get()::save);
      jobs.every(Duration.ofSeconds(30), "database file", databaseFile.get()::tidy);
    }
    jobs.every(Duration.ofMinutes(5), "catch-up of all inboxes", client::catchUp);
    jobs.every(Duration.ofHours(1), "leaf keys", client::rotateLeaves);
    jobs.every(Duration.ofHours(1), "published key packages", client::checkKeyPackages);
    jobs.every(
        Duration.ofMinutes(5), "hosted by configuration", () -> persons.host(config.mappings()));
    jobs.every(Duration.ofMinutes(1), "restored inboxes", client::reinstall);
    jobs.every(Duration.ofHours(6), "number of installations", inboxTroubles::count);
    if (lease.hasFirst()) {
      jobs.every(BACK_UP_AFTER, "nightly backup", backups::nightly);
    }
    jobs.every(EXPIRE_AFTER, "expiry", new Expiry(jdbi, config, kept, dead, clock)::run);
    var around = new Entrance.Surroundings(dns, strangers, clock);
    entrance = parts.add(Entrance.open(config, around, jdbi, peers, spool, workers, jobs));
    var fetched = new JudgedSpool(entrance.reception());
    if (lease.hasFirst()) {
      for (var input : ImapInput.of(config, rules, jdbi, fetched, clock)) {
        parts.add(input).start();
      }
    }
    jobs.every(RENEW_POLICIES_AFTER, "MTA-STS policies", senders::refreshPolicies);
    // Mail is taken by now; it is carried as soon as there is time for it.
    client.start();
    loops.forEach(Loop::start);
    jobs.start();
    workers.carriers().execute(() -> atStart(client, persons, inboxTroubles));
    var status =
        new Status(
            config,
            client,
            bindings,
            journeys,
            outbox,
            bundles,
            new RejectStore(jdbi),
            new StoredSuppressions(jdbi, clock),
            dead,
            ceiling,
            spool,
            room,
            kept,
            inboxTroubles,
            backups,
            clock);
    page = parts.add(statusPage(senders, status, workers));
    parts.add(TokenFile.write(config.data(), page.token()));
    log.info(
        "role=carrier host={} version={} parts={} of={}",
        config.smtp().hostname(),
        Version.TEXT,
        lease.ours(),
        lease.parts());
  }

  /** Makes it if it is not there. */
  static void makeDataFolder(Config config) throws BridgeException {
    try {
      Files.createDirectories(config.data());
    } catch (IOException unusable) {
      throw new BridgeException(
          "data: the folder " + config.data() + " cannot be made: " + Words.of(unusable), unusable);
    }
  }

  private StatusPage statusPage(Senders senders, Status status, Workers workers)
      throws BridgeException {
    var listen = config.web().listen();
    try {
      return senders.capture().isPresent()
          ? StatusPage.open(
              listen,
              status,
              new CapturedMails(senders.capture().get(), smtpAddress(), clock),
              workers.sessions())
          : StatusPage.open(listen, status, workers.sessions());
    } catch (IOException taken) {
      throw Words.cannotListen("web.listen", listen, taken);
    }
  }

  /** What jobs do again later, and somebody may wait for. */
  private void atStart(XmtpClient client, Persons persons, InboxTroubles inboxTroubles) {
    try {
      client.reinstall();
      persons.host(config.mappings());
      inboxTroubles.count();
    } catch (XmtpException failed) {
      log.warn("inboxes wait reason={}", failed.getMessage());
    }
  }

  private URI networkUrl() {
    return node.map(open -> URI.create("http://127.0.0.1:" + open.port()))
        .orElseGet(() -> Networks.url(config.network()));
  }

  /** Where mail comes in. */
  public InetSocketAddress smtpAddress() {
    return entrance.address();
  }

  /** Where people send from their own mail programs, if they can; for tests. */
  OptionalInt submissionPort(ListenerKind kind) {
    return entrance.port(kind);
  }

  /** Where the embedded node serves, if there is one. */
  public Optional<InetSocketAddress> nodeAddress() {
    return node.map(
        open -> new InetSocketAddress(config.node().listen().getAddress(), open.port()));
  }

  /** The status page with the token that lets a browser change things. */
  public URI statusPage() {
    return page.entrance();
  }

  /** Whether the database has closed itself, or somebody else may open it: all must begin anew. */
  boolean isBroken() {
    return databaseFile.filter(DatabaseFile::isClosed).isPresent() || database.isLost();
  }

  /** Others may carry beside it, where they are to. */
  void letOthersIn() throws SQLException {
    database.letOthersIn();
  }

  /** As {@link PostgresHold#isToBeDealtAnew}: all must begin anew then. */
  boolean isToBeDealtAnew(boolean mayGive) {
    return database.isToBeDealtAnew(mayGive);
  }

  /** What still runs is not to wait for a database that another may have. */
  void abandonDatabaseIfLost() {
    database.abandonIfLost();
  }

  /** Takes nothing more, finishes what runs, closes everything in the reverse order. */
  @Override
  public void close() {
    parts.close();
  }

  /** Lets the client wake a loop that is made after it. */
  private static final class Wakeup {
    private volatile Loop loop;

    void wakes(Loop woken) {
      loop = woken;
    }

    void wake() {
      var woken = loop;
      if (woken != null) {
        woken.wake();
      }
    }
  }
}
