package io.postern.bridge.web;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The fields of a query or a form: {@code application/x-www-form-urlencoded}. */
record FormFields(Map<String, String> fields) {
  private static final int MAX_FIELDS = 32;

  /**
   * @param encoded empty if there are none
   * @throws RefusedRequest 400 if it is malformed, has too many fields or one of them twice
   */
  static FormFields parse(String encoded) throws RefusedRequest {
    var fields = new LinkedHashMap<String, String>();
    for (var pair : encoded.split("&", MAX_FIELDS + 1)) {
      if (fields.size() == MAX_FIELDS) {
        throw new RefusedRequest(400, "The request has more than " + MAX_FIELDS + " fields.");
      }
      int equals = pair.indexOf('=');
      var name = decode(equals < 0 ? pair : pair.substring(0, equals));
      var value = decode(equals < 0 ? "" : pair.substring(equals + 1));
      if (!name.isEmpty() && fields.put(name, value) != null) {
        throw new RefusedRequest(400, "The request has a field twice.");
      }
    }
    return new FormFields(fields);
  }

  /** Undoes the encoding of one name or value. */
  static String decode(String encoded) throws RefusedRequest {
    try {
      return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw new RefusedRequest(400, "The request has a malformed percent sign.");
    }
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /** The field's value, empty if there is none. */
  String value(String name) {
    return fields.getOrDefault(name, "");
  }

  /** All others, encoded again. */
  String without(String name) {
    return fields.entrySet().stream()
        .filter(field -> !field.getKey().equals(name))
        .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
