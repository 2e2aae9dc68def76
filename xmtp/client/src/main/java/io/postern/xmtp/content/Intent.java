package io.postern.xmtp.content;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;

/**
 * Answers {@link Actions} by picking a button, {@code coinbase.com/intent:1.0}. §3.13.
 *
 * @param id of the actions
 * @param actionId of the button
 * @param metadata compact JSON of one object, of at most {@link #MAX_METADATA_BYTES} when sent
 */
public record Intent(String id, String actionId, Optional<String> metadata) implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.coinbase("intent");

  /** Octets of JSON that may go with an answer. */
  public static final int MAX_METADATA_BYTES = 10 * 1024;

  public Intent {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(actionId, "actionId");
    Objects.requireNonNull(metadata, "metadata");
  }

  static Intent read(ContentReader in) throws ContentException {
    var json = in.json();
    return new Intent(
        json.text("id"),
        json.text("actionId", "action_id"),
        json.optionalObject("metadata").map(JsonObject::compact));
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of("User selected action: " + actionId);
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) throws ContentException {
    var json = new JsonWriter().text("id", id).text("actionId", actionId);
    if (metadata.isPresent()) {
      String compact = JsonObject.parse(metadata.get()).compact();
      if (compact.getBytes(StandardCharsets.UTF_8).length > MAX_METADATA_BYTES) {
        throw new ContentException("intent metadata is larger than " + MAX_METADATA_BYTES);
      }
      json.raw("metadata", compact);
    }
    out.content(json.toString());
  }
}
