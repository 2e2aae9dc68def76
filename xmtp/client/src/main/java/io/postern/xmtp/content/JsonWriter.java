package io.postern.xmtp.content;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** Builds one JSON object, keys in the order of the calls, and prints it as libxmtp would. */
final class JsonWriter {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
          // Digits of a million zeros are not written out.
          .disable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
          .build();

  private static final DateTimeFormatter RFC_3339_MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final int BINARY64_DIGITS = 17;

  private final ObjectNode node = MAPPER.createObjectNode();

  JsonWriter text(String name, String value) {
    node.put(name, value);
    return this;
  }

  JsonWriter integer(String name, long value) {
    node.put(name, value);
    return this;
  }

  /** A number as libxmtp prints it: {@code 1.0} for one, {@code 1e-7} for a ten-millionth. */
  JsonWriter binary64(String name, double value) {
    return raw(name, print(value));
  }

  /** RFC 3339 in UTC with milliseconds. */
  JsonWriter time(String name, Instant value) {
    return text(name, RFC_3339_MILLIS.format(value));
  }

  JsonWriter object(String name, JsonWriter value) {
    node.set(name, value.node);
    return this;
  }

  JsonWriter objects(String name, List<JsonWriter> values) {
    var array = node.putArray(name);
    values.forEach(value -> array.add(value.node));
    return this;
  }

  /** A value that is JSON already. */
  JsonWriter raw(String name, String json) {
    node.putRawValue(name, new RawValue(json));
    return this;
  }

  @Override
  public String toString() {
    return print(node);
  }

  static String print(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException("a tree can always be printed", impossible);
    }
  }

  /** Shortest digits that read back as the same number, laid out as Rust's serde_json does. */
  static String print(double value) {
    if (value == 0) {
      return Double.toString(value);
    }
    var shortest = shortest(value);
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = -shortest.scale();
    int point = digits.length() + exponent;
    String sign = value < 0 ? "-" : "";
    if (exponent >= 0 && point <= 16) {
      return sign + digits + "0".repeat(exponent) + ".0";
    }
    if (point > 0 && point <= 16) {
      return sign + digits.substring(0, point) + "." + digits.substring(point);
    }
    if (point > -5 && point <= 0) {
      return sign + "0." + "0".repeat(-point) + digits;
    }
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return sign + digits.charAt(0) + fraction + "e" + (point - 1);
  }

  /** Java prints the shortest digits only since release 19. */
  private static BigDecimal shortest(double value) {
    var exact = new BigDecimal(value);
    for (int digits = 1; digits < BINARY64_DIGITS; digits++) {
      var rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact
        .round(new MathContext(BINARY64_DIGITS, RoundingMode.HALF_EVEN))
        .stripTrailingZeros();
  }
}
