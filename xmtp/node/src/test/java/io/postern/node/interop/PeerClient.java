package io.postern.node.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One installation of the official client inside a {@link Peer}. Methods are the commands of {@code
 * peer.mjs}; what has no method here is reached with {@link #call}.
 */
public final class PeerClient {
  private static final AtomicLong made = new AtomicLong();

  private final Peer peer;
  private final String name;
  private final JsonNode created;

  private PeerClient(Peer peer, String name, JsonNode created) {
    this.peer = peer;
    this.name = name;
    this.created = created;
  }

  /**
   * How to make a client. A key that was used before with another database makes a second
   * installation of its inbox.
   */
  public record Options(String url, Optional<String> key, Optional<Path> database) {
    /** A new wallet, its database in memory. */
    public static Options at(String url) {
      return new Options(url, Optional.empty(), Optional.empty());
    }

    public Options withKey(String privateKey) {
      return new Options(url, Optional.of(privateKey), database);
    }

    public Options withDatabase(Path file) {
      return new Options(url, key, Optional.of(file));
    }
  }

  /** Registers a new client at the node. */
  public static PeerClient create(Peer peer, Options options) throws PeerException {
    var name = "c" + made.incrementAndGet();
    var fields = new HashMap<String, Object>();
    fields.put("client", name);
    fields.put("url", options.url());
    fields.put("appVersion", "postern-interop/1");
    options.key().ifPresent(key -> fields.put("key", key));
    options.database().ifPresent(file -> fields.put("db", file.toString()));
    return new PeerClient(peer, name, peer.call("create", fields));
  }

  public Peer peer() {
    return peer;
  }

  public String inboxId() {
    return created.path("inboxId").asText();
  }

  public String installationId() {
    return created.path("installationId").asText();
  }

  /** Lower-case Ethereum address, with 0x. */
  public String address() {
    return created.path("address").asText();
  }

  /** Private key of the wallet, hexadecimal with 0x. */
  public String key() {
    return created.path("key").asText();
  }

  public boolean canMessage(String address) throws PeerException {
    return call("canMessage", Map.of("addresses", List.of(address))).path(address).asBoolean();
  }

  /** Opens the DM with an inbox and returns the conversation's id. */
  public String dm(String inboxId) throws PeerException {
    return call("newDm", Map.of("inboxId", inboxId)).path("id").asText();
  }

  /** Makes a group and returns the conversation's id. */
  public String group(String title, List<String> inboxIds) throws PeerException {
    return call("newGroup", Map.of("name", title, "inboxIds", inboxIds)).path("id").asText();
  }

  public void addMembers(String conversation, List<String> inboxIds) throws PeerException {
    call("addMembers", Map.of("conversation", conversation, "inboxIds", inboxIds));
  }

  public void removeMembers(String conversation, List<String> inboxIds) throws PeerException {
    call("removeMembers", Map.of("conversation", conversation, "inboxIds", inboxIds));
  }

  public List<String> members(String conversation) throws PeerException {
    var inboxIds = new ArrayList<String>();
    call("members", Map.of("conversation", conversation))
        .forEach(member -> inboxIds.add(member.path("inboxId").asText()));
    return inboxIds;
  }

  /** Sends a text and returns the message's id. */
  public String text(String conversation, String text) throws PeerException {
    return peer.await(textLater(conversation, text)).path("messageId").asText();
  }

  /** Queues a text behind those that this client was told to send before. */
  public CompletableFuture<JsonNode> textLater(String conversation, String text) {
    return send("text", Map.of("conversation", conversation, "text", text, "seq", true));
  }

  public String reply(String conversation, JsonNode toMessage, String text) throws PeerException {
    return call(
            "reply",
            Map.of(
                "conversation",
                conversation,
                "reference",
                toMessage.path("id").asText(),
                "referenceInboxId",
                toMessage.path("senderInboxId").asText(),
                "text",
                text))
        .path("messageId")
        .asText();
  }

  public String reaction(String conversation, JsonNode toMessage, String emoji)
      throws PeerException {
    return call(
            "reaction",
            Map.of(
                "conversation",
                conversation,
                "reference",
                toMessage.path("id").asText(),
                "referenceInboxId",
                toMessage.path("senderInboxId").asText(),
                "content",
                emoji))
        .path("messageId")
        .asText();
  }

  /**
   * @param base64 the file's octets
   */
  public String attachment(String conversation, String filename, String mimeType, String base64)
      throws PeerException {
    return call(
            "attachment",
            Map.of(
                "conversation",
                conversation,
                "filename",
                filename,
                "mimeType",
                mimeType,
                "data",
                base64))
        .path("messageId")
        .asText();
  }

  /** Fetches welcomes and the messages of all conversations. */
  public void syncAll() throws PeerException {
    call("syncAll", Map.of());
  }

  public void sync(String conversation) throws PeerException {
    call("sync", Map.of("conversation", conversation));
  }

  /** The conversation's messages as this client has them, membership changes included. */
  public List<JsonNode> messages(String conversation) throws PeerException {
    var all = new ArrayList<JsonNode>();
    call("messages", Map.of("conversation", conversation)).forEach(all::add);
    return all;
  }

  /** The texts among {@link #messages}, in their order. */
  public List<String> texts(String conversation) throws PeerException {
    return messages(conversation).stream()
        .filter(message -> message.path("contentType").asText().startsWith("xmtp.org/text:"))
        .map(message -> message.path("content").asText())
        .toList();
  }

  /** Opens a stream of all messages; they arrive as events of the peer, named by the stream. */
  public String streamAll() throws PeerException {
    return call("stream", Map.of("stream", "all-" + name + "-" + made.incrementAndGet()))
        .path("stream")
        .asText();
  }

  /** The next text message of a stream. */
  public JsonNode nextText(String stream) throws PeerException {
    return peer.event(
            event ->
                event.path("event").asText().equals("message")
                    && event.path("stream").asText().equals(stream)
                    && event
                        .path("message")
                        .path("contentType")
                        .asText()
                        .startsWith("xmtp.org/text:"))
        .path("message");
  }

  public void endStream(String stream) throws PeerException {
    peer.call("endStream", Map.of("stream", stream));
  }

  /** Any other command of {@code peer.mjs} for this client. */
  public JsonNode call(String command, Map<String, ?> fields) throws PeerException {
    return peer.await(send(command, fields));
  }

  /** As {@link #call}, without waiting. */
  public CompletableFuture<JsonNode> send(String command, Map<String, ?> fields) {
    var withClient = new HashMap<String, Object>(fields);
    withClient.put("client", name);
    return peer.send(command, withClient);
  }
}
