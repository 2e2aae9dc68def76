package io.postern.xmtp.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The vector files, and the way from their readable inputs to our values. */
final class Vectors {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Files whose lists hold one content each. */
  static final List<String> FILES =
      List.of(
          "text",
          "markdown",
          "attachment",
          "remote-attachment",
          "multi-remote-attachment",
          "reply",
          "reaction",
          "read-receipt",
          "leave-request",
          "delete-message",
          "edit-message",
          "group-updated",
          "transaction-reference",
          "wallet-send-calls",
          "actions",
          "intent");

  /** One vector, printed as file/name. */
  record Vector(String file, JsonNode json) {
    String name() {
      return file + "/" + json.path("name").asText();
    }

    byte[] hex(String field) {
      return HexFormat.of().parseHex(json.get(field).asText());
    }

    Optional<String> text(String field) {
      return Vectors.text(json, field);
    }

    @Override
    public String toString() {
      return name();
    }
  }

  private Vectors() {}

  static JsonNode file(String name) {
    try (var in = Vectors.class.getResourceAsStream("/vectors/content-" + name + ".json")) {
      return JSON.readTree(in);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static Stream<Vector> list(String file, String list) {
    return stream(file(file).path(list)).map(json -> new Vector(file, json));
  }

  static Stream<Vector> lists(String list) {
    return FILES.stream().flatMap(file -> list(file, list));
  }

  static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  static Optional<String> text(JsonNode json, String field) {
    return json.hasNonNull(field) ? Optional.of(json.get(field).asText()) : Optional.empty();
  }

  /** The value that a vector's input describes. */
  static Content content(Vector vector) {
    var json = vector.json();
    var input = json.path("input");
    return switch (vector.file()) {
      case "text" -> new Text(words(input, "text"));
      case "markdown" -> new Markdown(words(input, "markdown"));
      case "attachment" -> attachment(input);
      case "remote-attachment" -> remote(input);
      case "multi-remote-attachment" ->
          new MultiRemoteAttachment(stream(input.get("attachments")).map(Vectors::remote).toList());
      case "reply" ->
          new Reply(
              input.get("reference").asText(),
              text(input, "referenceInboxId"),
              ContentCodec.decode(octets(input, "inner_canonical_hex").toByteArray()));
      case "reaction" -> reaction(input);
      case "read-receipt" -> new ReadReceipt();
      case "leave-request" ->
          new LeaveRequest(text(input, "authenticatedNote_hex").map(Octets::ofHex));
      case "delete-message" -> new DeleteMessage(input.get("message_id").asText());
      case "group-updated" -> groupUpdated(json.get("decoded_by_1_6_8"));
      case "transaction-reference" -> transaction(input);
      case "wallet-send-calls" -> calls(input);
      case "actions" -> actions(input);
      case "intent" -> intent(input);
      default -> throw new IllegalArgumentException(vector.name());
    };
  }

  private static String words(JsonNode input, String field) {
    // A rule reads: 'a' x 100000
    return text(input, field)
        .orElseGet(() -> "a".repeat(Integer.parseInt(rule(input, field).split(" ")[2])));
  }

  private static String rule(JsonNode input, String field) {
    return input.get(field + "_rule").asText();
  }

  static Attachment attachment(JsonNode input) {
    String field = input.has("data_hex") || input.has("data_rule") ? "data" : "content";
    // A rule reads: 70000 bytes, byte i = i mod 256
    var octets =
        text(input, field + "_hex")
            .map(Octets::ofHex)
            .orElseGet(() -> counting(Integer.parseInt(rule(input, field).split(" ")[0])));
    return new Attachment(text(input, "filename"), input.get("mimeType").asText(), octets);
  }

  private static Octets counting(int length) {
    byte[] octets = new byte[length];
    for (int i = 0; i < length; i++) {
      octets[i] = (byte) i;
    }
    return Octets.of(octets);
  }

  private static Octets octets(JsonNode input, String field) {
    return Octets.ofHex(input.get(field).asText());
  }

  private static RemoteAttachment remote(JsonNode input) {
    return new RemoteAttachment(
        input.get("url").asText(),
        input.get("contentDigest").asText(),
        octets(input, "secret_hex"),
        octets(input, "salt_hex"),
        octets(input, "nonce_hex"),
        input.get("scheme").asText(),
        input.hasNonNull("contentLength")
            ? OptionalLong.of(input.get("contentLength").asLong())
            : OptionalLong.empty(),
        text(input, "filename"));
  }

  private static Reaction reaction(JsonNode input) {
    return new Reaction(
        input.get("reference").asText(),
        text(input, "referenceInboxId").filter(id -> !id.isEmpty()),
        Reaction.Action.values()[input.get("action").asInt()],
        input.get("content").asText(),
        Reaction.Schema.values()[input.get("schema").asInt()]);
  }

  private static GroupUpdated groupUpdated(JsonNode json) {
    return new GroupUpdated(
        json.get("initiatedByInboxId").asText(),
        ids(json, "addedInboxes"),
        ids(json, "removedInboxes"),
        stream(json.get("metadataFieldChanges"))
            .map(
                change ->
                    new GroupUpdated.FieldChange(
                        change.get("fieldName").asText(),
                        text(change, "oldValue"),
                        text(change, "newValue")))
            .toList(),
        ids(json, "leftInboxes"),
        ids(json, "addedAdminInboxes"),
        ids(json, "removedAdminInboxes"),
        ids(json, "addedSuperAdminInboxes"),
        ids(json, "removedSuperAdminInboxes"));
  }

  private static List<String> ids(JsonNode json, String field) {
    return stream(json.get(field)).map(inbox -> inbox.get("inboxId").asText()).toList();
  }

  private static TransactionReference transaction(JsonNode input) {
    return new TransactionReference(
        text(input, "namespace"),
        input.get("networkId").asText(),
        input.get("reference").asText(),
        Optional.ofNullable(input.get("metadata"))
            .map(
                metadata ->
                    new TransactionReference.Metadata(
                        metadata.get("transactionType").asText(),
                        metadata.get("currency").asText(),
                        metadata.get("amount").decimalValue(),
                        metadata.get("decimals").asLong(),
                        metadata.get("fromAddress").asText(),
                        metadata.get("toAddress").asText())));
  }

  private static WalletSendCalls calls(JsonNode input) {
    return new WalletSendCalls(
        input.get("version").asText(),
        input.get("chainId").asText(),
        input.get("from").asText(),
        stream(input.get("calls"))
            .map(
                call ->
                    new WalletSendCalls.Call(
                        text(call, "to"),
                        text(call, "data"),
                        text(call, "value"),
                        text(call, "gas"),
                        Optional.ofNullable(call.get("metadata")).map(Vectors::metadata)))
            .toList(),
        Optional.ofNullable(input.get("capabilities")).map(Vectors::texts));
  }

  private static WalletSendCalls.Metadata metadata(JsonNode json) {
    var others = texts(json);
    return new WalletSendCalls.Metadata(
        others.remove("description"), others.remove("transactionType"), others);
  }

  private static Map<String, String> texts(JsonNode json) {
    var texts = new TreeMap<String, String>();
    json.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  private static Actions actions(JsonNode input) {
    var actions = new ArrayList<Actions.Action>();
    for (var action : input.get("actions")) {
      actions.add(
          new Actions.Action(
              action.get("id").asText(),
              action.get("label").asText(),
              text(action, "imageUrl"),
              text(action, "style").map(n -> Actions.Style.values()[Integer.parseInt(n)]),
              time(action)));
    }
    return new Actions(
        input.get("id").asText(), input.get("description").asText(), actions, time(input));
  }

  private static Optional<Instant> time(JsonNode json) {
    return text(json, "expiresAtNs").map(ns -> Instant.EPOCH.plusNanos(Long.parseLong(ns)));
  }

  private static Intent intent(JsonNode input) {
    // A rule reads: {s: 'a' x 10241}
    var metadata =
        input.has("metadata_rule")
            ? Optional.of(
                JSON.createObjectNode()
                    .put("s", "a".repeat(Integer.parseInt(digits(rule(input, "metadata")))))
                    .toString())
            : Optional.ofNullable(input.get("metadata")).map(JsonNode::toString);
    return new Intent(input.get("id").asText(), input.get("actionId").asText(), metadata);
  }

  private static String digits(String rule) {
    return rule.replaceAll("[^0-9]", "");
  }
}
