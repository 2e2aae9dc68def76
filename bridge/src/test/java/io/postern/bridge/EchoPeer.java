package io.postern.bridge;

import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.EncodedMessage;
import io.postern.xmtp.content.MessageId;
import io.postern.xmtp.content.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An XMTP agent that answers everything at once, whoever says it and whatever it is. */
final class EchoPeer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EchoPeer.class);

  private final ExecutorService voice = Executors.newSingleThreadExecutor();
  private final AtomicReference<TestPeer> self = new AtomicReference<>();
  private final Set<MessageId> answered = new HashSet<>();

  EchoPeer(Path folder, String nodeUrl) throws IOException, XmtpException {
    self.set(new TestPeer(folder, nodeUrl, () -> voice.execute(this::answer)));
  }

  TestPeer peer() {
    return self.get();
  }

  private void answer() {
    if (self.get() == null) {
      return; // It hears something while it is made; the next call finds it, too.
    }
    try {
      for (var message : peer().messages()) {
        if (!message.sender().equals(peer().inbox().id()) && answered.add(message.id())) {
          var echo = EncodedMessage.of(new Text("echo"), UUID.randomUUID().toString());
          peer().inbox().conversation(message.group()).send(echo);
        }
      }
    } catch (XmtpException | ContentException failed) {
      log.error("the agent could not answer", failed);
    }
  }

  @Override
  public void close() {
    voice.shutdownNow();
    peer().close();
  }
}
