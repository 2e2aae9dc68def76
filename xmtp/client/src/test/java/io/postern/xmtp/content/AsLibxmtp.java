package io.postern.xmtp.content;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Puts our values into the words in which the vectors tell what a libxmtp client decoded. */
final class AsLibxmtp {
  private AsLibxmtp() {}

  static JsonNode of(Content content) {
    var json = Vectors.JSON.createObjectNode();
    if (content instanceof Text text) {
      return json.put("type", "Text").put("text", text.text());
    }
    if (content instanceof Markdown markdown) {
      return json.put("type", "Markdown").put("markdown", markdown.markdown());
    }
    if (content instanceof ReadReceipt) {
      return json.put("type", "ReadReceipt").set("readReceipt", Vectors.JSON.createObjectNode());
    }
    if (content instanceof Reply reply) {
      var inner = json.put("type", "Reply").putObject("reply");
      inner.put("referenceId", reply.reference()).putNull("inReplyTo");
      inner.set("content", of(reply.content()));
      return json;
    }
    if (content instanceof Reaction reaction) {
      json.put("type", "Reaction")
          .putObject("reaction")
          .put("reference", reaction.reference())
          .put("referenceInboxId", reaction.referenceInboxId().orElse(""))
          .put("action", reaction.action().ordinal())
          .put("content", reaction.content())
          .put("schema", reaction.schema().ordinal());
      return json;
    }
    if (content instanceof Attachment attachment) {
      var inner = json.put("type", "Attachment").putObject("attachment");
      inner.put("mimeType", attachment.mimeType());
      inner.set("content", hex(attachment.octets()));
      put(inner, "filename", attachment.filename());
      return json;
    }
    if (content instanceof RemoteAttachment attachment) {
      return json.put("type", "RemoteAttachment").set("remoteAttachment", remote(attachment));
    }
    if (content instanceof MultiRemoteAttachment attachments) {
      var array =
          json.put("type", "MultiRemoteAttachment")
              .putObject("multiRemoteAttachment")
              .putArray("attachments");
      attachments.attachments().forEach(attachment -> array.add(remote(attachment)));
      return json;
    }
    if (content instanceof TransactionReference transaction) {
      var inner = json.put("type", "TransactionReference").putObject("transactionReference");
      inner.put("networkId", transaction.networkId()).put("reference", transaction.reference());
      put(inner, "namespace", transaction.namespace());
      transaction
          .metadata()
          .ifPresent(
              metadata ->
                  inner
                      .putObject("metadata")
                      .put("transactionType", metadata.transactionType())
                      .put("currency", metadata.currency())
                      .put("amount", metadata.amount())
                      .put("decimals", metadata.decimals())
                      .put("fromAddress", metadata.fromAddress())
                      .put("toAddress", metadata.toAddress()));
      return json;
    }
    if (content instanceof WalletSendCalls request) {
      return json.put("type", "WalletSendCalls").set("walletSendCalls", calls(request));
    }
    if (content instanceof Actions actions) {
      return json.put("type", "Actions").set("actions", actions(actions));
    }
    if (content instanceof Intent intent) {
      var inner = json.put("type", "Intent").putObject("intent");
      inner.put("id", intent.id()).put("actionId", intent.actionId());
      intent.metadata().ifPresent(metadata -> inner.set("metadata", parse(metadata)));
      return json;
    }
    if (content instanceof UnknownContent unknown) {
      var inner = json.put("type", "Custom").putObject("custom");
      inner.put("type", unknown.type().map(ContentTypeId::toString).orElse(null));
      inner.put("fallback", unknown.fallback().orElse(null));
      return json;
    }
    throw new IllegalArgumentException("libxmtp tells nothing of " + content.type());
  }

  /** What a vector tells of unknown content, less what is not decoded but only carried. */
  static JsonNode withoutCarried(JsonNode decoded) {
    if (decoded instanceof ObjectNode object) {
      object.properties().forEach(entry -> withoutCarried(entry.getValue()));
      if (object.get("custom") instanceof ObjectNode custom) {
        custom.retain("type", "fallback");
      }
    }
    return decoded;
  }

  /** Equal, where 1 and 1.0 are. */
  static boolean same(JsonNode ours, JsonNode theirs) {
    return ours.equals(
        (a, b) ->
            a.isNumber() && b.isNumber()
                ? a.decimalValue().compareTo(b.decimalValue())
                : a.equals(b) ? 0 : 1,
        theirs);
  }

  private static JsonNode remote(RemoteAttachment attachment) {
    var json = Vectors.JSON.createObjectNode();
    json.put("url", attachment.url()).put("contentDigest", attachment.contentDigest());
    json.set("secret", hex(attachment.secret()));
    json.set("salt", hex(attachment.salt()));
    json.set("nonce", hex(attachment.nonce()));
    json.put("scheme", attachment.scheme());
    attachment.contentLength().ifPresent(length -> json.put("contentLength", length));
    put(json, "filename", attachment.filename());
    return json;
  }

  private static JsonNode calls(WalletSendCalls request) {
    var json = Vectors.JSON.createObjectNode();
    json.put("version", request.version())
        .put("chainId", request.chainId())
        .put("from", request.from());
    var calls = json.putArray("calls");
    for (var call : request.calls()) {
      var each = calls.addObject();
      put(each, "to", call.to());
      put(each, "data", call.data());
      put(each, "value", call.value());
      put(each, "gas", call.gas());
      call.metadata()
          .ifPresent(
              metadata -> {
                var inner = each.putObject("metadata");
                inner.put("description", metadata.description());
                inner.put("transactionType", metadata.transactionType());
                metadata.others().forEach(inner::put);
              });
    }
    request.capabilities().ifPresent(map -> map.forEach(json.withObject("/capabilities")::put));
    return json;
  }

  private static JsonNode actions(Actions actions) {
    var json = Vectors.JSON.createObjectNode();
    json.put("id", actions.id()).put("description", actions.description());
    var array = json.putArray("actions");
    for (var action : actions.actions()) {
      var each = array.addObject().put("id", action.id()).put("label", action.label());
      put(each, "imageUrl", action.imageUrl());
      action.style().ifPresent(style -> each.put("style", style.ordinal()));
      put(each, "expiresAtNs", action.expiresAt().map(AsLibxmtp::ns));
    }
    put(json, "expiresAtNs", actions.expiresAt().map(AsLibxmtp::ns));
    return json;
  }

  private static String ns(Instant time) {
    return String.format(Locale.ROOT, "%d%09d", time.getEpochSecond(), time.getNano());
  }

  private static JsonNode hex(Octets octets) {
    return Vectors.JSON.createObjectNode().put("hex", octets.hex());
  }

  private static void put(ObjectNode json, String field, Optional<String> text) {
    text.ifPresent(value -> json.put(field, value));
  }

  private static JsonNode parse(String json) {
    try {
      return Vectors.JSON.readTree(json);
    } catch (com.fasterxml.jackson.core.JsonProcessingException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }
}
