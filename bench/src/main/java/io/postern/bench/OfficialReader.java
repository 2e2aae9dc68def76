package io.postern.bench;

import io.postern.node.interop.Peer;
import io.postern.node.interop.PeerClient;
import io.postern.node.interop.PeerException;
import io.postern.node.interop.Sdk;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The official client as the reader: its stream of all messages, in a process of its own. */
final class OfficialReader implements Reader {
  private final Map<Integer, Instant> arrivals = new ConcurrentHashMap<>();
  private final Peer peer;
  private final PeerClient client;
  private final String stream;
  private volatile boolean closed;

  private OfficialReader(Sdk sdk, Path file, String url) throws PeerException {
    peer = Peer.start(sdk);
    client = PeerClient.create(peer, PeerClient.Options.at(url).withDatabase(file));
    stream = client.streamAll();
  }

  static OfficialReader open(Sdk sdk, Path file, String url) throws PeerException {
    var reader = new OfficialReader(sdk, file, url);
    var taker = new Thread(reader::take, "official-reader");
    taker.setDaemon(true);
    taker.start();
    return reader;
  }

  private void take() {
    try {
      while (!closed) {
        var text = client.nextText(stream).path("content").asText();
        var now = Instant.now();
        SampleMail.number(text).ifPresent(number -> arrivals.put(number, now));
      }
    } catch (PeerException silence) {
      if (!closed) {
        System.err.println("the official client reads no more: " + silence.getMessage());
      }
    }
  }

  @Override
  public String name() {
    return "official client, SDK " + peer.sdk();
  }

  @Override
  public String address() {
    return client.address();
  }

  @Override
  public Map<Integer, Instant> arrivals() {
    return arrivals;
  }

  @Override
  public void close() {
    closed = true;
    peer.close();
  }
}
