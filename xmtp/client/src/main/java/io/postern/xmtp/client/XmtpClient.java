package io.postern.xmtp.client;

import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.ConsentStore;
import io.postern.xmtp.store.GroupStore;
import io.postern.xmtp.store.GroupStore.GroupRow;
import io.postern.xmtp.store.GroupStore.Key;
import io.postern.xmtp.store.HostedInboxStore.HostedInbox;
import io.postern.xmtp.store.HostedInboxStore.Listed;
import io.postern.xmtp.store.Lease;
import io.postern.xmtp.store.LostInboxStore.LostInbox;
import io.postern.xmtp.store.MessageStore.Message;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;

/**
 * Any number of inboxes on XMTP in one process: one connection, one stream, one database. Idle
 * inboxes cost their rows and a filter of the stream. Where several processes share the database
 * each works for the inboxes of its {@link Lease}. Used by several threads.
 */
public final class XmtpClient implements Directory, AutoCloseable {
  /** The share of the heap that groups may take whose MLS state is kept in memory: an eighth. */
  private static final int LIVE_SHARE = 8;

  private final ClientStore store;
  private final InstantSource clock;
  private final GroupLanes lanes;
  private final Identities identities;
  private final MembershipCommits memberships;
  private final Conversations conversations;
  private final Registration registration;
  private final KeyPackageRotation rotation;
  private final KeyPackageCheck keyPackageCheck;
  private final LeafRotation leafRotation;
  private final Wallets wallets;
  private final Reinstall reinstall;
  private final Traffic traffic;
  private final Alarms alarms = new Alarms();
  private final ForkWatch forks;
  private final NetworkDirectory directory;
  private final OutgoingMessages outgoing;
  private final ExpiredMessages expired;

  /** What the owner of a client is told. Must not block. */
  public interface Events {
    /** Messages arrived that wait in {@link ClientStore#messages()} to be handed on. */
    void messagesArrived();
  }

  private XmtpClient(
      ClientStore store,
      Node node,
      Executor workers,
      ScheduledExecutorService scheduler,
      InstantSource clock,
      Events events) {
    var random = new SecureRandom();
    this.store = store;
    this.clock = clock;
    this.lanes = new GroupLanes(workers);
    this.identities = new Identities(store, node);
    this.memberships = new MembershipCommits(identities, node, clock);
    this.conversations = new Conversations(store, memberships, lanes, random, clock);
    this.directory = new NetworkDirectory(node, clock);
    this.outgoing = new OutgoingMessages(store, clock);
    this.expired = new ExpiredMessages(store);
    this.rotation = new KeyPackageRotation(store, node, random, clock);
    this.registration = new Registration(store, node, identities, rotation, random, clock);
    this.keyPackageCheck = new KeyPackageCheck(store, node, clock);
    this.leafRotation = new LeafRotation(store, clock);
    this.wallets = new Wallets(store, random);
    this.reinstall = new Reinstall(store, identities, registration, wallets, lanes, clock);
    var live = new LiveGroups(store, random, Runtime.getRuntime().maxMemory() / LIVE_SHARE);
    var grace = new Grace(clock);
    this.forks = new ForkWatch(store, alarms);
    var policy = new CommitPolicy(identities);
    var messages = new ReceivedMessages(alarms, clock);
    var sync = new GroupSync(store, node, policy, grace, forks, messages, workers);
    var upkeep = new GroupUpkeep(store, memberships, clock);
    var sender = new WelcomeSender(node, alarms, random);
    var joining = new GroupJoin(store, node, identities, live, random, clock);
    this.traffic =
        new Traffic(
            store,
            node,
            lanes,
            live,
            sync,
            upkeep,
            new IntentPublisher(
                store,
                node,
                sync,
                new EchoFinder(node),
                grace,
                memberships,
                upkeep,
                new OwnCommits(policy, clock),
                sender,
                clock),
            new WelcomeSync(store, node, joining, grace, clock),
            workers,
            scheduler,
            alarms,
            clock,
            events);
  }

  /**
   * @param workers runs what may block on the network; a bounded pool or virtual threads
   * @param scheduler runs short tasks at a time
   */
  public static XmtpClient open(
      ClientStore store,
      Node node,
      Executor workers,
      ScheduledExecutorService scheduler,
      InstantSource clock,
      Events events) {
    return new XmtpClient(store, node, workers, scheduler, clock, events);
  }

  /** Begins to follow all inboxes and groups, and goes on with what was left to publish. */
  public void start() {
    traffic.unpause(); // After it no group waits for a version that we have become.
    forks.start();
    traffic.start(); // Last, for it makes all lanes busy.
  }

  /** What whoever runs this must know and it cannot mend itself, a sentence each. */
  public List<String> troubles() {
    return alarms.list();
  }

  /** Whether every followed topic has its connection. */
  public boolean isConnected() {
    return traffic.isConnected();
  }

  /** Stops taking work, finishes what runs, closes the stream. The node stays the caller's. */
  @Override
  public void close() {
    traffic.close();
    lanes.close();
  }

  @Override
  public Optional<InboxId> find(EthereumAddress address) throws XmtpException {
    return directory.find(address);
  }

  @Override
  public boolean isReachable(InboxId inbox) throws XmtpException {
    try {
      return memberships.isReachable(inbox);
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  @Override
  public AssociationState state(InboxId inbox) throws XmtpException {
    try {
      return identities.state(inbox);
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    } catch (GroupException unusable) {
      throw XmtpException.of(unusable);
    }
  }

  /**
   * Makes a hosted inbox from a key of the seed, or opens it if it is made already.
   *
   * @param index which key; the caller gives each index to one inbox only
   * @throws XmtpException with {@link XmtpException#isWalletTaken} if the network knows an inbox of
   *     that key and this database does not
   * @throws NotLeasedException if the inbox of that key is another process's
   */
  public Inbox createHosted(long index) throws XmtpException {
    var wallet = wallets.at(index);
    try {
      return register(wallet, OptionalLong.of(index));
    } finally {
      wallet.erase();
    }
  }

  /** Registers the inbox of a wallet, or opens it if it is here already. */
  public Inbox register(WalletKey wallet) throws XmtpException {
    return register(wallet, OptionalLong.empty());
  }

  private Inbox register(WalletKey wallet, OptionalLong index) throws XmtpException {
    requireLeased(index);
    var self =
        XmtpException.await(
            lanes.run(wallet.address(), () -> registration.register(wallet, index)));
    traffic.follow(self.installation());
    return new Inbox(this, self);
  }

  /**
   * An inbox of ours that the network knows.
   *
   * @throws NotLeasedException if it is another process's
   */
  public Optional<Inbox> inbox(InboxId inbox) {
    return store
        .jdbi()
        .withHandle(handle -> store.inboxes().find(handle, inbox))
        .filter(HostedInbox::registered)
        .map(this::leased);
  }

  /**
   * @throws NotLeasedException if the inbox of this key is another process's
   */
  public void requireLeased(long walletIndex) {
    requireLeased(OptionalLong.of(walletIndex));
  }

  private void requireLeased(OptionalLong walletIndex) {
    NotLeasedException.check(store.lease(), walletIndex);
  }

  private Inbox leased(HostedInbox self) {
    requireLeased(self.walletIndex());
    return new Inbox(this, self);
  }

  /**
   * @throws XmtpException retryable, if the inbox came back from a backup and has no installation
   *     yet
   */
  public void requireNotLost(InboxId inbox) throws XmtpException {
    if (store.jdbi().withHandle(handle -> store.lost().find(handle, inbox)).isPresent()) {
      throw XmtpException.waiting(
          "the inbox " + inbox + " was restored and has no installation yet");
    }
  }

  /** Inboxes of the lease that came back from a backup and have no installation yet. */
  public List<LostInbox> lost() {
    return store.jdbi().withHandle(store.lost()::leased);
  }

  /**
   * Gives each lost inbox another installation. What keeps one from it is kept beside it, and keeps
   * no other. For a regular job.
   *
   * @throws XmtpException if the network is away; everything can be tried again
   */
  public void reinstall() throws XmtpException {
    reinstall.all(self -> traffic.follow(self.installation()));
  }

  /**
   * An inbox of ours by its installation.
   *
   * @throws NotLeasedException if it is another process's
   */
  public Optional<Inbox> inbox(InstallationId installation) {
    return store
        .jdbi()
        .withHandle(handle -> store.inboxes().find(handle, installation))
        .map(this::leased);
  }

  /**
   * How many installations the network lists of each inbox of the lease that has at least so many.
   *
   * @throws XmtpException if the network is away
   */
  public Map<InboxId, Integer> installations(int atLeast) throws XmtpException {
    try {
      return identities.installations(
          store.jdbi().withHandle(store.inboxes()::leased).stream().map(Listed::inbox).toList(),
          atLeast);
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  /** All inboxes of ours, leased or not. */
  public List<Listed> inboxes() {
    return store.jdbi().withHandle(store.inboxes()::list);
  }

  /**
   * Forgets expired messages, replaces due key packages and erases spent ones, tries waiting
   * welcomes. For a regular job.
   */
  public void maintain() throws XmtpException {
    try {
      expired.forget(clock.instant());
      rotation.runDue();
      traffic.retryPointers();
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  /** Replaces the leaf keys that are due. For a regular job. */
  public void rotateLeaves() {
    leafRotation.due().forEach(traffic::rotate);
  }

  /**
   * Looks whether the network still has the key package of each inbox, once a day; what it lacks is
   * uploaded by {@link #maintain}. For a regular job.
   */
  public void checkKeyPackages() throws XmtpException {
    try {
      keyPackageCheck.run();
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  /** Asks the network for everything, in case a stream has missed something. For a regular job. */
  public void catchUp() throws XmtpException {
    try {
      traffic.catchUp();
    } catch (NodeException failed) {
      throw XmtpException.of(failed);
    }
  }

  Conversation dm(HostedInbox self, InboxId peer) throws XmtpException {
    var key = conversations.findOrCreate(self, peer);
    traffic.follow(key);
    return new Conversation(this, key);
  }

  Optional<Conversation> findDm(HostedInbox self, InboxId peer) {
    return conversations.find(self, peer).map(key -> new Conversation(this, key));
  }

  /** A conversation that is there. */
  public Conversation conversation(Key key) {
    return new Conversation(this, key);
  }

  /** What people see: groups that carry messages between devices of one user are not among them. */
  List<GroupRow> groups(InstallationId installation) {
    return allGroups(installation).stream()
        .filter(row -> row.kind() != GroupStore.Kind.SYNC)
        .toList();
  }

  private List<GroupRow> allGroups(InstallationId installation) {
    return store.jdbi().withHandle(h -> store.groups().list(h, installation));
  }

  GroupRow row(Key key) {
    return store
        .jdbi()
        .withHandle(h -> store.groups().find(h, key.installation(), key.group()))
        .orElseThrow();
  }

  Optional<Message> message(InstallationId installation, MessageId id) {
    return store.jdbi().withHandle(h -> store.messages().find(h, installation, id));
  }

  ConsentStore.State consent(InstallationId installation, GroupId group) {
    return store.jdbi().withHandle(h -> store.consents().of(h, installation, group));
  }

  ConsentStore.State consent(InstallationId installation, InboxId peer) {
    return store.jdbi().withHandle(h -> store.consents().of(h, installation, peer));
  }

  void consent(InstallationId installation, InboxId peer, ConsentStore.State state) {
    long now = Nanos.of(clock.instant());
    store.jdbi().useTransaction(h -> store.consents().set(h, installation, peer, state, now));
  }

  <T> T inTransaction(HandleCallback<T, RuntimeException> callback) {
    return store.jdbi().inTransaction(callback);
  }

  MessageId enqueue(Handle handle, Key key, EncodedMessage message) {
    return outgoing.enqueue(handle, key, message);
  }

  CompletableFuture<Void> publish(Key key) {
    return traffic.publish(key);
  }

  CompletableFuture<Void> sync(Key key) {
    return traffic.sync(key);
  }

  void syncInbox(HostedInbox self) throws XmtpException {
    XmtpException.await(traffic.syncWelcomes(self.installation()));
    for (var row : allGroups(self.installation())) {
      if (row.active()) {
        XmtpException.await(traffic.sync(new Key(row.installation(), row.group())));
      }
    }
  }

  List<Message> messages(Key key, int limit) {
    return store
        .jdbi()
        .withHandle(
            handle -> {
              var row = store.groups().find(handle, key.installation(), key.group()).orElseThrow();
              var groups =
                  row.peer().isEmpty()
                      ? List.of(key.group())
                      : store.groups().dms(handle, key.installation(), row.peer().get()).stream()
                          .map(GroupRow::group)
                          .toList();
              return store.messages().newest(handle, key.installation(), groups, limit);
            });
  }
}
