package io.postern.bench;

import io.postern.bridge.BridgeException;
import io.postern.xmtp.client.Inbox;
import io.postern.xmtp.client.XmtpException;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Our own client as the reader. It takes messages as the daemon does: from the pending ones. */
final class OwnReader implements Reader {
  private static final int AT_ONCE = 200;

  private final Map<Integer, Instant> arrivals = new ConcurrentHashMap<>();
  private final Semaphore arrived = new Semaphore(0);
  private final OwnClient client;
  private final Inbox inbox;
  private final Thread taker;

  private OwnReader(Path file, String url) throws IOException, BridgeException, XmtpException {
    client = OwnClient.open(file, url, OwnClient.newKey(), arrived::release);
    inbox = client.xmtp().createHosted(0);
    client.xmtp().start();
    taker = new Thread(this::take, "reader");
    taker.setDaemon(true);
  }

  static OwnReader open(Path file, String url) throws IOException, BridgeException, XmtpException {
    var reader = new OwnReader(file, url);
    reader.taker.start();
    return reader;
  }

  private void take() {
    try {
      while (true) {
        arrived.acquire();
        arrived.drainPermits();
        takeAll();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void takeAll() {
    int taken;
    do {
      taken =
          client
              .store()
              .jdbi()
              .inTransaction(
                  handle -> {
                    var messages = client.store().messages();
                    var waiting = messages.pending(handle, 0, AT_ONCE);
                    var now = Instant.now();
                    for (var pending : waiting) {
                      var content = ContentCodec.decode(pending.message().content());
                      SampleMail.number(text(content))
                          .ifPresent(number -> arrivals.put(number, now));
                      messages.handedOn(handle, pending);
                    }
                    return waiting.size();
                  });
    } while (taken == AT_ONCE);
  }

  private static String text(Content content) {
    var inner = content instanceof Reply reply ? reply.content() : content;
    return inner instanceof Text text ? text.text() : "";
  }

  /** The inbox that answers. */
  Inbox inbox() {
    return inbox;
  }

  OwnClient client() {
    return client;
  }

  @Override
  public String name() {
    return "our client";
  }

  @Override
  public String address() {
    return inbox.address().toString();
  }

  @Override
  public Map<Integer, Instant> arrivals() {
    return arrivals;
  }

  @Override
  public void close() {
    taker.interrupt();
    try {
      taker.join();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
