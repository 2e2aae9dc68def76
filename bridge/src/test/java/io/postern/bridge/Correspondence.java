package io.postern.bridge;

import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.config.InviteSettings;
import io.postern.mail.AcceptedMail;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.DkimSigner;
import io.postern.mail.auth.SigningKey;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressRules;
import io.postern.mapping.AskedMails;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.DigestSchedule;
import io.postern.mapping.Journey;
import io.postern.mapping.Journey.Outcome;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.LeavingQuota;
import io.postern.mapping.LeavingSettings;
import io.postern.mapping.LoopCeiling;
import io.postern.mapping.Outbox;
import io.postern.mapping.Quiet;
import io.postern.mapping.ThreadIds;
import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.smtp.Spool;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.proto.mls.EncodedContent;
import io.postern.xmtp.store.Lease;
import io.postern.xmtp.store.Vault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Bob, whom the bridge hosts, and Alice, who has an app, on a network of their own: a real
 * conversation, and a far mail server that says what the test tells it to. The loops of the second
 * journey take their turns in the test's own thread, by a clock that the test moves.
 */
final class Correspondence implements AutoCloseable {
  static final String DOMAIN = "bridge.example";
  static final Mailbox BOB = new Mailbox("bob", "example.org");
  static final Mailbox CAROL = new Mailbox("carol", "example.org");
  static final Delivery OK = new Delivery.Delivered("250 ok");
  static final Delivery BUSY = new Delivery.Deferred("4.2.0", "greylisted");
  static final Delivery AWAY = new Delivery.Deferred("4.4.1", "cannot reach mx").ofRoute();
  static final Delivery NO = new Delivery.Refused("5.1.1", "no such user here", true);

  private final Path folder;
  private final Vault vault = TestVault.any();
  final TestClock clock = new TestClock(Instant.now());
  final Queue<Delivery> answers = new ArrayDeque<>();
  final List<Envelope> envelopes = new ArrayList<>();
  final List<Mail> mails = new ArrayList<>();
  final List<byte[]> octets = new ArrayList<>();
  final SigningKey key = TestKey.any();
  final AtomicBoolean away = new AtomicBoolean();
  final AtomicBoolean room = new AtomicBoolean(true);
  InviteSettings invite = InviteSettings.CLOSED;
  LeavingSettings leaving = LeavingSettings.defaults();
  boolean carriesReceipts;
  Function<Mailbox, Optional<DigestSchedule>> digests = person -> Optional.empty();
  private LocalNode node;
  private V3Node network;
  TestStore store;
  private XmtpClient client;
  Inbox bob;
  TestPeer alice;
  JourneyStore journeys;
  Notices notices;
  KeptMails kept;
  XmtpToMail toMail;
  WholeMailLoop wholeMails;
  private Reports reports;
  private final Spool reportSpool;
  private BundleLoop bundleLoop;
  private OutboxLoop outboxLoop;

  Correspondence(Path folder) throws Exception {
    this.folder = folder;
    reportSpool = Spool.open(folder.resolve("reports"), clock.asClock());
    node =
        LocalNode.open(
            NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node")));
    var url = "http://127.0.0.1:" + node.port();
    network = V3Node.open(V3Settings.at(URI.create(url)), Clock.systemUTC());
    store = new TestStore();
    var watched = new WatchedNode(TestStore.away(network, away::get), checkpoint -> {}, room::get);
    client = store.client(watched);
    journeys = new JourneyStore(store.jdbi());
    bob = host(BOB, 0);
    alice = new TestPeer(folder, url);
    wire(new Quiet(Duration.ofSeconds(10)));
    say(bob, alice.inbox().id(), "hello");
    alice.inbox().sync();
  }

  void wire(Quiet quiet) throws Exception {
    var bindings = new BindingStore(store.jdbi());
    var outbox = new Outbox(store.jdbi(), quiet, digests, Lease.ALL);
    notices = new Notices(store.store(), client, clock);
    var ids = new ThreadIds(List.of(DOMAIN));
    var rules = new AddressRules(List.of(DOMAIN), List.of());
    var signer = new DkimSigner(List.of(new DkimSigner.Signature(DOMAIN, "sel", key)));
    var senderReports =
        new SenderReports(
            reportSpool,
            to -> this::farServer,
            Mailbox::domain,
            rules,
            ids,
            signer,
            DOMAIN,
            Runnable::run,
            clock);
    reports =
        new Reports(
            store.jdbi(),
            rules,
            ids,
            notices,
            new ReceiptsToXmtp(store.store(), client, carriesReceipts, clock),
            clock);
    var admission = new Admission(store.store(), invite, clock);
    kept = KeptMails.open(folder.resolve("kept"), Duration.ofDays(30), vault, store.jdbi(), clock);
    var arrivals = Arrivals.open(carrying(), octets -> room.get());
    var composer =
        new BundleComposer(
            store.store(),
            outbox,
            ids,
            rules,
            new Peers(client, store.workers(), clock),
            new RemoteFiles(store.timer()),
            signer,
            admission,
            notices,
            new LeavingQuota(store.jdbi(), leaving),
            DOMAIN,
            carriesReceipts,
            checkpoint -> {},
            clock);
    wholeMails = new WholeMailLoop(store.store(), journeys, kept, client, arrivals::scratch, clock);
    toMail =
        new XmtpToMail(
            store.store(),
            bindings,
            outbox,
            new LoopCeiling(store.jdbi()),
            journeys,
            new WholeMailCommand(
                kept.store(), new AskedMails(store.jdbi()), client, wholeMails::wake, clock),
            notices,
            new ReceiptsToMail(store.store(), senderReports, ids, DOMAIN, carriesReceipts, clock),
            () -> {},
            checkpoint -> {},
            clock);
    var digestComposer =
        new DigestComposer(
            store.store(), outbox, composer, ids, signer, DOMAIN, checkpoint -> {}, clock);
    bundleLoop =
        new BundleLoop(outbox, composer, digestComposer, Runnable::run, () -> {}, room::get, clock);
    outboxLoop =
        new OutboxLoop(
            store.jdbi(),
            Lease.ALL,
            to -> this::farServer,
            Mailbox::domain,
            notices,
            admission,
            Runnable::run,
            checkpoint -> {},
            room::get,
            clock);
  }

  /** Where a mail that is looked into lies decoded. */
  Path carrying() {
    return folder.resolve("carrying");
  }

  @Override
  public void close() {
    alice.close();
    client.close();
    network.close();
    store.close();
    node.close();
    try {
      reportSpool.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /**
   * What became of mail from the null sender.
   *
   * @param words the last of its journey
   */
  record Reported(String words, Optional<Reports.Later> later) {}

  /** Mail comes from the null sender. */
  Reported reported(Mailbox path, byte[] octets) throws Exception {
    try (var spool = Spool.open(folder.resolve("spool"), Clock.systemUTC())) {
      spool.accept(
          new AcceptedMail(
              Envelope.fromNobody(List.of(path)),
              octets,
              new Received(clock.instant(), "127.0.0.1", "", false, Verdict.unchecked())));
      var spooled = spool.due(Instant.MAX, 1).get(0);
      var accepted = new Journey.Step(clock.instant(), Journey.Place.SPOOL, "accepted");
      var id = spooled.id().toString();
      store
          .jdbi()
          .useTransaction(
              handle ->
                  journeys.begin(
                      handle, id, Journey.Kind.MAIL, List.of(), List.of(path), accepted));
      var later = reports.take(spooled, MailReader.read(spooled.arrivedOctets()));
      spool.done(spooled.id());
      var steps = journeys.byId(id).orElseThrow().steps();
      return new Reported(steps.get(steps.size() - 1).words(), later);
    }
  }

  /** Lets the database refuse something, or no longer. */
  void sql(String statement) {
    store.jdbi().useHandle(handle -> handle.execute(statement));
  }

  /** One more peer on the same network. */
  TestPeer peer(String name) throws Exception {
    var place = Files.createDirectories(folder.resolve(name));
    return new TestPeer(place, "http://127.0.0.1:" + node.port());
  }

  Inbox host(Mailbox person, long wallet) throws Exception {
    var inbox = client.createHosted(wallet);
    new BindingStore(store.jdbi())
        .add(new Binding.Hosted(person, inbox.id(), wallet, clock.instant()));
    return inbox;
  }

  private Delivery farServer(Envelope envelope, byte[] sent) {
    var answer = answers.isEmpty() ? OK : answers.remove();
    if (answer instanceof Delivery.Delivered) {
      envelopes.add(envelope);
      try {
        octets.add(sent);
        mails.add(MailReader.read(sent));
      } catch (io.postern.mail.MailException unreadable) {
        throw new AssertionError("we wrote a mail that we cannot read", unreadable);
      }
    }
    return answer;
  }

  static MessageId say(Inbox from, InboxId to, String text) throws Exception {
    return from.dm(to).send(EncodedMessage.of(new Text(text), UUID.randomUUID().toString()));
  }

  MessageId says(Content content) throws Exception {
    return alice
        .inbox()
        .dm(bob.id())
        .send(EncodedMessage.of(content, UUID.randomUUID().toString()));
  }

  /** As an app that knows XIP-77: the edit is a text that names what it replaces. */
  MessageId edits(MessageId what, String text) throws Exception {
    var edit = says(text);
    bob.sync();
    store
        .jdbi()
        .useTransaction(
            handle -> {
              var stored =
                  store.store().messages().find(handle, bob.installation(), edit).orElseThrow();
              handle
                  .createUpdate("update message set content = ? where message_id = ?")
                  .bind(0, naming(stored.content(), what))
                  .bind(1, edit.toByteArray())
                  .execute();
            });
    return edit;
  }

  private static byte[] naming(byte[] content, MessageId what) {
    try {
      return EncodedContent.parseFrom(content).toBuilder()
          .putParameters("editedMessageId", what.toString())
          .build()
          .toByteArray();
    } catch (InvalidProtocolBufferException impossible) {
      throw new AssertionError(impossible);
    }
  }

  MessageId says(String text) throws Exception {
    return says(new Text(text));
  }

  /** Everything that can be done without more time passing. */
  void turns() throws Exception {
    toMail.turn();
    wholeMails.turn();
    bundleLoop.turn();
    outboxLoop.turn();
    outboxLoop.turn();
  }

  void arrive() throws Exception {
    bob.sync();
    turns();
    clock.goOn(Duration.ofSeconds(11));
    turns();
  }

  List<String> texts() {
    return mails.stream().map(TestBridge::said).toList();
  }

  Outcome outcome(MessageId message) {
    return journey(message).outcome();
  }

  Journey journey(MessageId message) {
    return journeys.find(message.toString()).get(0);
  }

  String lastWords(MessageId message) {
    var steps = journey(message).steps();
    return steps.get(steps.size() - 1).words();
  }

  /** What Bob's inbox has said by itself to Alice, from the moment that it is stored. */
  List<String> notices() throws Exception {
    return bob.dm(alice.inbox().id()).messages(1000).stream()
        .filter(message -> message.sender().equals(bob.id()))
        .map(message -> ContentCodec.decode(message.content()))
        .filter(Reply.class::isInstance)
        .map(content -> ((Text) ((Reply) content).content()).text())
        .toList();
  }
}
