package io.postern.xmtp.content;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A question with buttons, {@code coinbase.com/actions:1.0}; an {@link Intent} answers it. §3.12.
 *
 * @param id of the question, chosen by its sender
 * @param description the question
 * @param actions the buttons. Any number is read; 1 to {@link #MAX_ACTIONS} with different ids may
 *     be sent.
 * @param expiresAt after which no answer is wanted
 */
public record Actions(
    String id, String description, List<Action> actions, Optional<Instant> expiresAt)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.coinbase("actions");

  /** Buttons that may be sent. */
  public static final int MAX_ACTIONS = 10;

  /** How a button looks. */
  public enum Style {
    PRIMARY,
    SECONDARY,
    DANGER
  }

  /** One button. */
  public record Action(
      String id,
      String label,
      Optional<String> imageUrl,
      Optional<Style> style,
      Optional<Instant> expiresAt) {
    public Action {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(label, "label");
      Objects.requireNonNull(imageUrl, "imageUrl");
      Objects.requireNonNull(style, "style");
      Objects.requireNonNull(expiresAt, "expiresAt");
    }
  }

  public Actions {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(description, "description");
    actions = List.copyOf(actions);
    Objects.requireNonNull(expiresAt, "expiresAt");
  }

  static Actions read(ContentReader in) throws ContentException {
    var json = in.json();
    var actions = new ArrayList<Action>();
    for (var action : json.objects("actions")) {
      actions.add(readAction(action));
    }
    return new Actions(
        json.text("id"),
        json.text("description"),
        actions,
        json.optionalTime("expiresAt", "expires_at"));
  }

  private static Action readAction(JsonObject json) throws ContentException {
    var style = json.optionalText("style");
    return new Action(
        json.text("id"),
        json.text("label"),
        json.optionalText("imageUrl", "image_url"),
        style.isPresent() ? Optional.of(style(style.get())) : Optional.empty(),
        json.optionalTime("expiresAt", "expires_at"));
  }

  private static Style style(String name) throws ContentException {
    return switch (name) {
      case "primary" -> Style.PRIMARY;
      case "secondary" -> Style.SECONDARY;
      case "danger" -> Style.DANGER;
      default -> throw new ContentException("style is not primary, secondary or danger");
    };
  }

  /** The label of the first button with this id. */
  public Optional<String> label(String actionId) {
    return actions.stream()
        .filter(action -> action.id().equals(actionId))
        .map(Action::label)
        .findFirst();
  }

  /**
   * The answer that picks a button by its number in the {@link #summary}; empty if there is no such
   * button, or if it or the question has expired.
   *
   * @param number from 1
   * @param at when the person answers
   */
  public Optional<Intent> pick(int number, Instant at) {
    if (number < 1 || number > actions.size()) {
      return Optional.empty();
    }
    var action = actions.get(number - 1);
    boolean expired = hasPassed(expiresAt, at) || hasPassed(action.expiresAt(), at);
    return expired ? Optional.empty() : Optional.of(new Intent(id, action.id(), Optional.empty()));
  }

  private static boolean hasPassed(Optional<Instant> end, Instant now) {
    return end.isPresent() && now.isAfter(end.get());
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    var text = new StringBuilder(description).append("\n\n");
    for (int i = 0; i < actions.size(); i++) {
      text.append("[").append(i + 1).append("] ").append(actions.get(i).label()).append("\n");
    }
    return Optional.of(text.append("\nReply with the number to select").toString());
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) throws ContentException {
    if (actions.isEmpty() || actions.size() > MAX_ACTIONS) {
      throw new ContentException(
          "actions need 1 to " + MAX_ACTIONS + " buttons, not " + actions.size());
    }
    var ids = new HashSet<String>();
    if (!actions.stream().map(Action::id).allMatch(ids::add)) {
      throw new ContentException("actions need buttons with different ids");
    }
    var json =
        new JsonWriter()
            .text("id", id)
            .text("description", description)
            .objects("actions", actions.stream().map(Actions::write).toList());
    expiresAt.ifPresent(time -> json.time("expiresAt", time));
    out.content(json.toString());
  }

  private static JsonWriter write(Action action) {
    var json = new JsonWriter().text("id", action.id()).text("label", action.label());
    action.imageUrl().ifPresent(url -> json.text("imageUrl", url));
    action.style().ifPresent(style -> json.text("style", style.name().toLowerCase(Locale.ROOT)));
    action.expiresAt().ifPresent(time -> json.time("expiresAt", time));
    return json;
  }
}
