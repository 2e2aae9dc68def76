package io.postern.mail;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The fields of a mail's or a part's header in their order. RFC 5322 §2.2.
 *
 * @param fields from top to bottom
 */
public record MailHeader(List<Field> fields) {
  /**
   * One field.
   *
   * @param name as written
   * @param value unfolded and trimmed, encoded-words not yet decoded
   */
  public record Field(String name, String value) {
    public Field {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
    }
  }

  public MailHeader {
    fields = List.copyOf(fields);
  }

  /** The value of the first field of that name; the case of the name does not matter. */
  public Optional<String> first(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .findFirst();
  }

  /** The values of all fields of that name, from top to bottom. */
  public List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** The value of the first field of that name in lower case, or the empty text. */
  String lower(String name) {
    return first(name).orElse("").toLowerCase(Locale.ROOT);
  }

  /** About as many as the fields take, written. */
  int octets() {
    return fields.stream().mapToInt(field -> field.name().length() + field.value().length()).sum();
  }

  /** Whether there is such a field, however empty. */
  public boolean has(String name) {
    return first(name).isPresent();
  }
}
