package io.postern.smtp;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of one spooled mail: 26 characters of Crockford's base 32, first 48 bits of time in
 * milliseconds, then 80 random bits (a ULID). Ids sort in the order in which they were made.
 */
public record SpoolId(String value) implements Comparable<SpoolId> {
  private static final int LENGTH = 26;
  private static final int RANDOM_BITS = 80;
  private static final int RANDOM_OCTETS = RANDOM_BITS / 8;
  private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  /** 130 bits in 26 digits, of which 128 are used: the first digit is at most 7. */
  private static final Pattern FORM =
      Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{" + (LENGTH - 1) + "}");

  /**
   * @throws IllegalArgumentException if the value is not such an id; text from outside goes through
   *     {@link #parse}
   */
  public SpoolId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a spool id: \"" + value + "\"");
    }
  }

  /** Reads an id in either case; empty if the text is none. */
  public static Optional<SpoolId> parse(String text) {
    var upper = text.strip().toUpperCase(Locale.ROOT);
    return FORM.matcher(upper).matches() ? Optional.of(new SpoolId(upper)) : Optional.empty();
  }

  /**
   * A new id.
   *
   * @param random ten octets
   */
  static SpoolId of(Instant at, byte[] random) {
    if (random.length != RANDOM_OCTETS) {
      throw new IllegalArgumentException("expected 10 octets, got " + random.length);
    }
    return print(
        BigInteger.valueOf(at.toEpochMilli())
            .shiftLeft(RANDOM_BITS)
            .add(new BigInteger(1, random)));
  }

  /** The next greater id, for a second mail within one millisecond or after the clock went back. */
  SpoolId successor() {
    var number = BigInteger.ZERO;
    for (int i = 0; i < LENGTH; i++) {
      number = number.shiftLeft(5).add(BigInteger.valueOf(DIGITS.indexOf(value.charAt(i))));
    }
    return print(number.add(BigInteger.ONE));
  }

  private static SpoolId print(BigInteger number) {
    var text = new char[LENGTH];
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = DIGITS.charAt(number.intValue() & 31);
      number = number.shiftRight(5);
    }
    return new SpoolId(new String(text));
  }

  @Override
  public int compareTo(SpoolId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
