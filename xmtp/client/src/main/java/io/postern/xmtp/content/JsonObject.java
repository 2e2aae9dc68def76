package io.postern.xmtp.content;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object that a peer sent, read as strictly as libxmtp does: no key twice, nothing after the
 * end, no value of another kind than asked for. Unknown keys are passed over, {@code null} counts
 * as absent.
 */
final class JsonObject {
  /** As deep as serde_json reads; digits enough for every binary64 number written out. */
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(128).maxNumberLength(400).build();

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(LIMITS)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final ObjectNode node;

  private JsonObject(ObjectNode node) {
    this.node = node;
  }

  static JsonObject parse(String json) throws ContentException {
    try {
      return object(MAPPER.readTree(json), "content");
    } catch (JsonProcessingException malformed) {
      // Without its cause, whose message would quote the content.
      throw new ContentException("content is not JSON");
    } catch (NumberFormatException outOfRange) {
      // Jackson lets through what BigDecimal says of an exponent of more than ten digits.
      throw new ContentException("content has a number with an exponent out of range");
    }
  }

  /** The value under the one of these names that is there; two of them are one too many. */
  private Optional<JsonNode> find(String... names) throws ContentException {
    Optional<JsonNode> found = Optional.empty();
    for (String name : names) {
      var value = node.get(name);
      if (value != null && found.isPresent()) {
        throw new ContentException("JSON has " + names[0] + " twice, under two names");
      }
      found = found.or(() -> Optional.ofNullable(value));
    }
    return found.filter(value -> !value.isNull());
  }

  private JsonNode get(String... names) throws ContentException {
    return find(names).orElseThrow(() -> new ContentException("JSON lacks " + names[0]));
  }

  String text(String... names) throws ContentException {
    return text(get(names), names[0]);
  }

  Optional<String> optionalText(String... names) throws ContentException {
    var value = find(names);
    return value.isPresent() ? Optional.of(text(value.get(), names[0])) : Optional.empty();
  }

  String textOrNumber(String name) throws ContentException {
    var value = get(name);
    return value.isNumber() ? value.decimalValue().toString() : text(value, name);
  }

  /** A number within the range of a binary64 number, with all the digits that were given. */
  BigDecimal number(String name) throws ContentException {
    var value = get(name);
    if (!value.isNumber() || !Double.isFinite(value.decimalValue().doubleValue())) {
      throw wrongKind(name, "a number");
    }
    return value.decimalValue();
  }

  long uint32(String name) throws ContentException {
    var value = get(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrongKind(name, "an integer");
    }
    long number = value.longValue();
    if (number < 0 || number > RemoteAttachment.MAX_UINT32) {
      throw wrongKind(name, "an integer of 32 bits");
    }
    return number;
  }

  /** RFC 3339 with any offset. */
  Optional<Instant> optionalTime(String... names) throws ContentException {
    var text = optionalText(names);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      var time = OffsetDateTime.parse(text.get());
      int year = time.withOffsetSameInstant(ZoneOffset.UTC).getYear();
      if (year < 0 || year > 9999) {
        throw wrongKind(names[0], "a time of four-digit years");
      }
      return Optional.of(time.toInstant());
    } catch (DateTimeException notATime) {
      // Without its cause, whose message would quote the content.
      throw wrongKind(names[0], "an RFC 3339 time");
    }
  }

  Optional<JsonObject> optionalObject(String name) throws ContentException {
    var value = find(name);
    return value.isPresent() ? Optional.of(object(value.get(), name)) : Optional.empty();
  }

  List<JsonObject> objects(String name) throws ContentException {
    var value = get(name);
    if (!value.isArray()) {
      throw wrongKind(name, "an array");
    }
    var objects = new ArrayList<JsonObject>(value.size());
    for (var element : value) {
      objects.add(object(element, name));
    }
    return objects;
  }

  /** All of the object, whose values must be strings. */
  Map<String, String> texts() throws ContentException {
    var texts = new LinkedHashMap<String, String>();
    for (var property : node.properties()) {
      wellFormed(property.getKey(), "a key");
      texts.put(property.getKey(), text(property.getValue(), "a value of an object of strings"));
    }
    return texts;
  }

  /** The object as compact JSON, keys in their order. */
  String compact() {
    return JsonWriter.print(node);
  }

  private static JsonObject object(JsonNode value, String name) throws ContentException {
    if (!(value instanceof ObjectNode object)) {
      throw wrongKind(name, "an object");
    }
    return new JsonObject(object);
  }

  private static String text(JsonNode value, String name) throws ContentException {
    if (!value.isTextual()) {
      throw wrongKind(name, "a string");
    }
    return wellFormed(value.textValue(), name);
  }

  /** An escape may name half a surrogate pair, which is no character and has no UTF-8 octets. */
  private static String wellFormed(String text, String name) throws ContentException {
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new ContentException("JSON has half a surrogate pair in " + name);
    }
    return text;
  }

  private static ContentException wrongKind(String name, String expected) {
    return new ContentException("JSON: " + name + " is not " + expected);
  }
}
