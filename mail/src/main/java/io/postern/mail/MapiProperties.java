package io.postern.mail;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Properties of a message or of one of its files. MS-OXTNEF §2.1.3.4 and §2.1.3.5, {@code
 * MsgPropertyList}. Named properties are passed over: none of them is asked for.
 */
record MapiProperties(Map<Integer, Value> values) {
  /** More properties than this are no message. */
  static final int MAX_PROPERTIES = 5000;

  static final int STRING8 = 0x1e;
  static final int UNICODE = 0x1f;
  static final int OBJECT = 0x0d;

  private static final int BINARY = 0x102;
  private static final int SYSTEM_TIME = 0x40;
  private static final int MULTIPLE = 0x1000;
  private static final int NAMED = 0x8000;

  /** Seconds between the beginning of 1601 and that of 1970. */
  private static final long FILETIME_EPOCH = 11_644_473_600L;

  /** The first value of a property, as octets. */
  record Value(int type, byte[] octets) {}

  static final MapiProperties NONE = new MapiProperties(Map.of());

  MapiProperties {
    values = Map.copyOf(values);
  }

  /**
   * @throws MailException if it ends early or has a type that is not known
   */
  static MapiProperties read(LittleEndian in) throws MailException {
    int count = in.length(MAX_PROPERTIES);
    var values = new HashMap<Integer, Value>();
    for (int i = 0; i < count; i++) {
      int type = in.uint16();
      int id = in.uint16();
      boolean named = id >= NAMED;
      if (named) {
        name(in);
      }
      var value = value(in, type);
      if (!named && value.isPresent()) {
        values.putIfAbsent(id, value.get());
      }
    }
    return new MapiProperties(values);
  }

  private static void name(LittleEndian in) throws MailException {
    in.skip(16);
    if (in.int32() == 0) {
      in.skip(4);
    } else {
      int length = in.length(in.remaining());
      in.skip(length);
      in.padding(length);
    }
  }

  private static Optional<Value> value(LittleEndian in, int type) throws MailException {
    int single = type & ~MULTIPLE;
    boolean variable =
        single == STRING8 || single == UNICODE || single == OBJECT || single == BINARY;
    int values = variable || single != type ? in.length(in.remaining() / 4) : 1;
    Optional<Value> first = Optional.empty();
    for (int i = 0; i < values; i++) {
      int length = variable ? in.length(in.remaining()) : fixedLength(single);
      var octets = in.octets(length);
      in.padding(length);
      if (first.isEmpty()) {
        first = Optional.of(new Value(single, octets));
      }
    }
    return first;
  }

  private static int fixedLength(int type) throws MailException {
    return switch (type) {
      case 0x02, 0x03, 0x04, 0x0a, 0x0b -> 4;
      case 0x05, 0x06, 0x07, 0x14, SYSTEM_TIME -> 8;
      case 0x48 -> 16;
      default -> throw LittleEndian.malformed("a property has the type " + type);
    };
  }

  /**
   * @param codePage of strings that are not Unicode
   */
  Optional<String> text(int id, int codePage) {
    return Optional.ofNullable(values.get(id))
        .filter(value -> value.type() == STRING8 || value.type() == UNICODE)
        .map(
            value ->
                TextDecoder.decode(
                    value.octets(),
                    value.type() == UNICODE ? "utf-16le" : CodePage.label(codePage)))
        .map(MapiProperties::terminated)
        .filter(text -> !text.isBlank());
  }

  /** Up to the NUL that ends it. */
  static String terminated(String text) {
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  Optional<Value> octets(int id) {
    return Optional.ofNullable(values.get(id))
        .filter(value -> value.type() == BINARY || value.type() == OBJECT);
  }

  int number(int id, int otherwise) {
    var value = values.get(id);
    if (value == null || value.type() != 0x03) {
      return otherwise;
    }
    var octets = value.octets();
    return (octets[0] & 0xff)
        | (octets[1] & 0xff) << 8
        | (octets[2] & 0xff) << 16
        | (octets[3] & 0xff) << 24;
  }

  /** MS-DTYP §2.3.3, {@code FILETIME}, to the second. */
  Optional<Instant> time(int id) {
    var value = values.get(id);
    if (value == null || value.type() != SYSTEM_TIME) {
      return Optional.empty();
    }
    long ticks = 0;
    for (int i = 7; i >= 0; i--) {
      ticks = ticks << 8 | (value.octets()[i] & 0xff);
    }
    // Between 1601 and 9999, else it is no time of a mail.
    return Optional.of(ticks)
        .filter(t -> t >= 0 && t < 2_650_467_744_000_000_000L)
        .map(t -> Instant.ofEpochSecond(t / 10_000_000 - FILETIME_EPOCH));
  }
}
