package io.postern.bridge;

import io.postern.mail.Mailbox;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore;
import io.postern.xmtp.store.MessageStore.Message;
import io.postern.xmtp.store.Vault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.h2.jdbcx.JdbcConnectionPool;

/** Somebody with an XMTP app, played by our own library. */
final class TestPeer implements AutoCloseable {
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final JdbcConnectionPool database;
  private final ClientStore store;
  private final URI nodeUrl;
  private final Runnable arrivals;
  private volatile Duration ahead = Duration.ZERO;
  private V3Node node;
  private XmtpClient client;
  private Inbox inbox;

  TestPeer(Path folder, String nodeUrl) throws IOException, XmtpException {
    this(folder, nodeUrl, () -> {});
  }

  /**
   * @param arrivals called when something was said
   */
  TestPeer(Path folder, String nodeUrl, Runnable arrivals) throws IOException, XmtpException {
    database =
        JdbcConnectionPool.create(
            "jdbc:h2:file:"
                + folder.toAbsolutePath().resolve("peer")
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0",
            "sa",
            "");
    this.store =
        ClientStore.open(database, Vault.of(Secret.random(Vault.KEY_LENGTH, new SecureRandom())));
    this.nodeUrl = URI.create(nodeUrl);
    this.arrivals = arrivals;
    start();
  }

  private void start() throws IOException, XmtpException {
    node = V3Node.open(V3Settings.at(nodeUrl), Clock.systemUTC());
    client = XmtpClient.open(store, node, workers, timer, this::now, arrivals::run);
    inbox = client.createHosted(0);
    client.start();
  }

  private Instant now() {
    return Instant.now().plus(ahead);
  }

  /** Time passes for this peer alone. */
  void later(Duration time) {
    ahead = ahead.plus(time);
  }

  /** The app is closed and started again on what it has stored. */
  void restart() throws IOException, XmtpException {
    client.close();
    node.close();
    start();
  }

  Inbox inbox() {
    return inbox;
  }

  XmtpClient client() {
    return client;
  }

  /** Where mail reaches this peer. */
  Mailbox mailbox() {
    return new Mailbox(inbox.address().toString(), TestBridge.DOMAIN);
  }

  /** Where mail reaches this peer by another bridge than the usual one. */
  Mailbox mailbox(String domain) {
    return new Mailbox(inbox.address().toString(), domain);
  }

  /** What others have said, in every conversation, oldest first. */
  List<Content> heard() {
    return messages().stream()
        .filter(message -> !message.sender().equals(inbox.id()))
        .map(message -> ContentCodec.decode(message.content()))
        .toList();
  }

  List<String> heardTexts() {
    return heard().stream()
        .filter(Text.class::isInstance)
        .map(content -> ((Text) content).text())
        .toList();
  }

  /** All application messages, oldest first. */
  List<Message> messages() {
    var messages = new ArrayList<Message>();
    for (var row : inbox.groups()) {
      inbox.conversation(row.group()).messages(10_000).stream()
          .filter(message -> message.kind() == MessageStore.Kind.APPLICATION)
          .filter(message -> !messages.contains(message))
          .filter(message -> messages.stream().noneMatch(known -> known.id().equals(message.id())))
          .forEach(messages::add);
    }
    return messages;
  }

  /** Says something to whoever spoke last. */
  void answer(String text) throws XmtpException, ContentException {
    say(new Text(text));
  }

  void say(Content content) throws XmtpException, ContentException {
    var conversation = inbox.conversation(inbox.groups().get(0).group());
    conversation.send(EncodedMessage.of(content, UUID.randomUUID().toString()));
  }

  @Override
  public void close() {
    client.close();
    node.close();
    workers.shutdownNow();
    timer.shutdownNow();
    database.dispose();
  }
}
