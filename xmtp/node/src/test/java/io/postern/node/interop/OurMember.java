package io.postern.node.interop;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.client.Conversation;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.V3Node;
import io.postern.xmtp.network.V3Settings;
import io.postern.xmtp.store.ClientStore;
import io.postern.xmtp.store.MessageStore;
import io.postern.xmtp.store.Vault;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.h2.jdbcx.JdbcConnectionPool;

/** A member with our client, over a way that loses and on a machine that dies. */
final class OurMember implements GroupMember, AutoCloseable {
  private static final int LOSS = 30;

  private final JdbcConnectionPool database;
  private final ClientStore store;
  private final V3Node node;
  private final SplittableRandom random;
  private ExecutorService workers;
  private ScheduledExecutorService timer;
  private UnsteadyNode way;
  private XmtpClient client;
  private Inbox inbox;

  OurMember(Path folder, String url, SplittableRandom random) throws Exception {
    this.random = random;
    database =
        JdbcConnectionPool.create(
            "jdbc:h2:file:"
                + folder.toAbsolutePath().resolve("ours")
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0",
            "sa",
            "");
    store =
        ClientStore.open(database, Vault.of(Secret.random(Vault.KEY_LENGTH, new SecureRandom())));
    node = V3Node.open(V3Settings.at(URI.create(url)), Clock.systemUTC());
    open();
    inbox = client.createHosted(0);
  }

  private void open() {
    workers = Executors.newCachedThreadPool();
    timer = Executors.newSingleThreadScheduledExecutor();
    way = new UnsteadyNode(node, random);
    client = XmtpClient.open(store, way.asNode(), workers, timer, Clock.systemUTC(), () -> {});
    client.start();
  }

  @Override
  public String inboxId() {
    return inbox.id().toString();
  }

  @Override
  public String toString() {
    return "our " + inboxId().substring(0, 8);
  }

  @Override
  public boolean knows(String group) {
    return inbox.groups().stream().anyMatch(row -> row.group().equals(GroupId.parse(group)));
  }

  private Conversation conversation(String group) {
    return inbox.conversation(GroupId.parse(group));
  }

  /** What has been stored will be published, whatever becomes of this call. */
  @Override
  public boolean say(String group, String text) throws Exception {
    var conversation = conversation(group);
    var content = EncodedMessage.of(new Text(text), UUID.randomUUID().toString());
    if (!conversation.row().isUsable()) {
      return false;
    }
    store.jdbi().useTransaction(handle -> conversation.enqueue(handle, content));
    try {
      conversation.publishNow();
    } catch (XmtpException failed) {
      return failed.isRetryable();
    }
    return true;
  }

  @Override
  public void catchUp(String group) throws XmtpException {
    client.catchUp();
    if (knows(group)) {
      conversation(group).sync();
      conversation(group).publishNow();
    }
  }

  @Override
  public long epoch(String group) {
    return conversation(group).row().epoch();
  }

  @Override
  public List<String> texts(String group) {
    return conversation(group).messages(10_000).stream()
        .filter(message -> message.kind() == MessageStore.Kind.APPLICATION)
        .map(message -> ContentCodec.decode(message.content()))
        .flatMap(
            content ->
                content instanceof Text text
                    ? Optional.of(text.text()).stream()
                    : Optional.<String>empty().stream())
        .toList();
  }

  @Override
  public void suffer(int kind) {
    if (kind % 2 == 0) {
      way.lose(LOSS);
    } else {
      restart();
    }
  }

  private void restart() {
    way.die();
    stop();
    open();
    inbox = client.inbox(inbox.installation()).orElseThrow();
  }

  private void stop() {
    client.close();
    workers.shutdownNow();
    timer.shutdownNow();
  }

  @Override
  public void heal() {
    way.lose(0);
  }

  @Override
  public void close() {
    stop();
    node.close();
    database.dispose();
  }
}
