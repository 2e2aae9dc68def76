package io.postern.node.interop;

import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** A member with the official client, which talks to the node as it likes. */
final class OfficialMember implements GroupMember {
  final PeerClient client;

  OfficialMember(PeerClient client) {
    this.client = client;
  }

  @Override
  public String inboxId() {
    return client.inboxId();
  }

  @Override
  public String toString() {
    return "official " + inboxId().substring(0, 8);
  }

  @Override
  public boolean knows(String group) throws PeerException {
    return StreamSupport.stream(client.call("list", Map.of()).spliterator(), false)
        .anyMatch(row -> row.path("id").asText().equals(group));
  }

  @Override
  public boolean say(String group, String text) {
    return attempt(() -> client.text(group, text));
  }

  /** What it may do, or may not because it is behind or no member any more. */
  static boolean attempt(Deed deed) {
    try {
      deed.run();
      return true;
    } catch (PeerException refused) {
      return false;
    }
  }

  interface Deed {
    void run() throws PeerException;
  }

  @Override
  public void catchUp(String group) throws PeerException {
    client.syncAll();
    if (knows(group)) {
      client.call("publish", Map.of("conversation", group));
      client.sync(group);
    }
  }

  @Override
  public long epoch(String group) throws PeerException {
    return client.call("debugInfo", Map.of("conversation", group)).path("epoch").asLong();
  }

  @Override
  public List<String> texts(String group) throws PeerException {
    return client.texts(group);
  }

  @Override
  public void suffer(int kind) throws PeerException {
    // Nothing stands between it and the node; it reads, or lags behind.
    if (kind % 2 == 0) {
      client.syncAll();
    }
  }

  @Override
  public void heal() {}
}
