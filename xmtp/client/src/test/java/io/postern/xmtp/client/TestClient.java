package io.postern.xmtp.client;

import io.postern.mls.MlsException;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.ReceivedProposal;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.h2.jdbcx.JdbcConnectionPool;

/**
 * A client with a file database of its own that works in the caller's thread, so that a test
 * decides what happens when. It can die and be opened again.
 */
final class TestClient implements AutoCloseable {
  final SettableClock clock;
  final SteppedScheduler scheduler;
  final TestNetwork network;
  final ClientStore store;
  private final JdbcConnectionPool pool;
  private final Executor workers;
  TestLink link;
  XmtpClient client;
  int arrivals;

  TestClient(TestNetwork network, SettableClock clock, Path folder) {
    this(network, clock, folder, Runnable::run);
  }

  /** The same with threads of its own. */
  TestClient(TestNetwork network, SettableClock clock, Path folder, Executor workers) {
    this.network = network;
    this.clock = clock;
    this.scheduler = new SteppedScheduler(clock);
    this.workers = workers;
    this.pool = TestDatabase.pool(folder);
    this.store = TestDatabase.open(pool);
    open();
  }

  /** A client on a database that was there before. */
  TestClient(TestNetwork network, SettableClock clock, Path folder, byte[] vaultKey) {
    this.network = network;
    this.clock = clock;
    this.scheduler = new SteppedScheduler(clock);
    this.workers = Runnable::run;
    this.pool = TestDatabase.pool(folder);
    this.store = TestDatabase.open(pool, vaultKey);
    open();
  }

  private void open() {
    link = new TestLink(network);
    client = XmtpClient.open(store, link, workers, scheduler, clock, () -> arrivals++);
  }

  /** The process dies without a word and starts again on its database. */
  void restart() {
    scheduler.crash();
    link.die();
    client.close(); // Writes nothing; only what the dead process would still do has to end.
    open();
    client.start();
  }

  Inbox register(WalletKey wallet) throws XmtpException {
    return client.register(wallet);
  }

  static EncodedMessage text(String text) {
    try {
      return EncodedMessage.of(new Text(text), text);
    } catch (ContentException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The texts of messages, in their order. */
  static List<String> texts(List<Message> messages) {
    var texts = new ArrayList<String>();
    for (var message : messages) {
      if (ContentCodec.decode(message.content()) instanceof Text text) {
        texts.add(text.text());
      }
    }
    return texts;
  }

  /** What an inbox has kept of what others have proposed in a group. */
  List<ReceivedProposal> kept(Inbox inbox, GroupId group) throws MlsException {
    var self = store.jdbi().withHandle(h -> store.inboxes().find(h, inbox.id())).orElseThrow();
    var state = store.jdbi().withHandle(h -> store.groups().state(h, inbox.installation(), group));
    var signer = SignatureKeyPair.of(self.installationSeed().copy());
    return MlsGroup.restore(state.epoch(), state.ratchet(), signer).pendingProposals();
  }

  @Override
  public void close() {
    client.close();
    pool.dispose();
  }
}
