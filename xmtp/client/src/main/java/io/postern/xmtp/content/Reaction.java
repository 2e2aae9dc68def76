package io.postern.xmtp.content;

import io.postern.xmtp.proto.mls.ReactionAction;
import io.postern.xmtp.proto.mls.ReactionSchema;
import io.postern.xmtp.proto.mls.ReactionV2;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A reaction to one message, put on or taken off: written as {@code xmtp.org/reaction:2.0}, read in
 * both forms of 1.0 as well. §3.7, §3.8.
 *
 * <p>For each target, sender and content the last action in the network's order counts; adding
 * twice is one reaction.
 *
 * @param reference the id of the target as the sender wrote it, see {@link #target}
 * @param referenceInboxId who sent the target, if told
 * @param content as the schema says; see {@link #shown}
 */
public record Reaction(
    String reference,
    Optional<String> referenceInboxId,
    Action action,
    String content,
    Schema schema)
    implements Content {
  /** The type's name as it is written. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("reaction", 2);

  /** The type's older name, only read. */
  public static final ContentTypeId LEGACY_TYPE = ContentTypeId.xmtp("reaction", 1);

  private static final Pattern CODE_POINTS =
      Pattern.compile("U\\+[0-9A-Fa-f]{4,6}( U\\+[0-9A-Fa-f]{4,6}){0,31}");

  /** What became of the reaction. */
  public enum Action {
    /** Something that this version does not know; shown by libxmtp as added. */
    UNSPECIFIED,
    ADDED,
    REMOVED
  }

  /** How the content is to be understood. */
  public enum Schema {
    /** Something that this version does not know. */
    UNSPECIFIED,
    /** An emoji sequence. */
    UNICODE,
    /** An emoji's name, with or without colons. */
    SHORTCODE,
    /** Free text, or a link to a picture. */
    CUSTOM
  }

  public Reaction {
    Objects.requireNonNull(reference, "reference");
    Objects.requireNonNull(referenceInboxId, "referenceInboxId");
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(schema, "schema");
  }

  /** An emoji put on a message, or taken off again. */
  public static Reaction emoji(
      MessageId target, String senderInboxId, Action action, String emoji) {
    return new Reaction(
        target.toString(), Optional.of(senderInboxId), action, emoji, Schema.UNICODE);
  }

  /**
   * Changes what one sender has on one message: what was put on stands until it is taken off. To be
   * called for each of their reactions to it, in the network's order. §3.7.
   *
   * @param standing the contents that stand before, and after
   */
  public void change(Set<String> standing) {
    if (action == Action.REMOVED) {
      standing.remove(content);
    } else {
      standing.add(content);
    }
  }

  static Reaction read(ContentReader in) throws ContentException {
    var message = in.message(ReactionV2.parser(), "ReactionV2");
    var action =
        switch (message.getAction()) {
          case REACTION_ACTION_ADDED -> Action.ADDED;
          case REACTION_ACTION_REMOVED -> Action.REMOVED;
          case REACTION_ACTION_UNSPECIFIED, UNRECOGNIZED -> Action.UNSPECIFIED;
        };
    var schema =
        switch (message.getSchema()) {
          case REACTION_SCHEMA_UNICODE -> Schema.UNICODE;
          case REACTION_SCHEMA_SHORTCODE -> Schema.SHORTCODE;
          case REACTION_SCHEMA_CUSTOM -> Schema.CUSTOM;
          case REACTION_SCHEMA_UNSPECIFIED, UNRECOGNIZED -> Schema.UNSPECIFIED;
        };
    return new Reaction(
        message.getReference(),
        unlessEmpty(message.getReferenceInboxId()),
        action,
        message.getContent(),
        schema);
  }

  static Reaction readLegacy(ContentReader in) throws ContentException {
    return in.parameter("reference").isPresent() && !in.utf8().startsWith("{")
        ? readOldest(in)
        : readLegacy(in.json());
  }

  private static Reaction readLegacy(JsonObject json) throws ContentException {
    return new Reaction(
        json.text("reference"),
        json.optionalText("referenceInboxId").flatMap(Reaction::unlessEmpty),
        legacyAction(json.text("action")),
        json.text("content"),
        legacySchema(json.text("schema")));
  }

  /** Before JSON: the content is the bare reaction. libxmtp does not read it, the SDKs do. */
  private static Reaction readOldest(ContentReader in) throws ContentException {
    return new Reaction(
        oldestParameter(in, "reference"),
        Optional.empty(),
        legacyAction(oldestParameter(in, "action")),
        in.text(),
        legacySchema(oldestParameter(in, "schema")));
  }

  private static String oldestParameter(ContentReader in, String key) throws ContentException {
    return in.parameter(key)
        .orElseThrow(() -> new ContentException("legacy reaction lacks parameter " + key));
  }

  private static Action legacyAction(String name) {
    return switch (name) {
      case "added" -> Action.ADDED;
      case "removed" -> Action.REMOVED;
      default -> Action.UNSPECIFIED;
    };
  }

  private static Schema legacySchema(String name) {
    return switch (name) {
      case "unicode" -> Schema.UNICODE;
      case "shortcode" -> Schema.SHORTCODE;
      case "custom" -> Schema.CUSTOM;
      default -> Schema.UNSPECIFIED;
    };
  }

  private static Optional<String> unlessEmpty(String inboxId) {
    return Optional.of(inboxId).filter(text -> !text.isEmpty());
  }

  /** The message reacted to; empty if the reference is not an id. */
  public Optional<MessageId> target() {
    return MessageId.parse(reference);
  }

  /**
   * The content in characters: some clients write {@code U+1F603} for an emoji. A shortcode and a
   * custom reaction are given as they are.
   */
  public String shown() {
    if (schema != Schema.UNICODE || !CODE_POINTS.matcher(content).matches()) {
      return content;
    }
    var emoji = new StringBuilder();
    for (String codePoint : content.split(" ")) {
      int value = Integer.parseInt(codePoint.substring(2), 16);
      boolean surrogate = value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE;
      if (surrogate || !Character.isValidCodePoint(value)) {
        return content;
      }
      emoji.appendCodePoint(value);
    }
    return emoji.toString();
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of(
        action == Action.REMOVED
            ? "Removed \"" + content + "\" from an earlier message"
            : "Reacted with \"" + content + "\" to an earlier message");
  }

  @Override
  public boolean shouldPush() {
    return false;
  }

  @Override
  public void write(ContentWriter out) {
    out.content(
        ReactionV2.newBuilder()
            .setReference(reference)
            .setReferenceInboxId(referenceInboxId.orElse(""))
            .setAction(
                switch (action) {
                  case UNSPECIFIED -> ReactionAction.REACTION_ACTION_UNSPECIFIED;
                  case ADDED -> ReactionAction.REACTION_ACTION_ADDED;
                  case REMOVED -> ReactionAction.REACTION_ACTION_REMOVED;
                })
            .setContent(content)
            .setSchema(
                switch (schema) {
                  case UNSPECIFIED -> ReactionSchema.REACTION_SCHEMA_UNSPECIFIED;
                  case UNICODE -> ReactionSchema.REACTION_SCHEMA_UNICODE;
                  case SHORTCODE -> ReactionSchema.REACTION_SCHEMA_SHORTCODE;
                  case CUSTOM -> ReactionSchema.REACTION_SCHEMA_CUSTOM;
                })
            .build()
            .toByteArray());
  }
}
