package io.postern.out;

import java.time.Duration;

/**
 * How long each step may take as a whole, however slowly the octets drip. RFC 5321 §4.5.3.2.
 *
 * @param connect to one address
 * @param tls one handshake
 * @param reply the greeting and each reply but the last
 * @param block writing one block of the mail
 * @param last the reply to the final dot: giving up here may make a duplicate, so it is long
 * @param session all of it, without what a large mail needs more: a server that uses up each of the
 *     others would hold us for a day
 */
record SmtpTimeouts(
    Duration connect,
    Duration tls,
    Duration reply,
    Duration block,
    Duration last,
    Duration session) {
  /** Slower than this nobody needs to read. */
  private static final int OCTETS_PER_SECOND = 10_000;

  /** How much longer than {@link #session} one may last that carries a mail of this size. */
  static Duration carrying(int octets) {
    return Duration.ofSeconds(octets / OCTETS_PER_SECOND);
  }

  /** Those of the RFC where it has one: for reply, block and last. */
  static SmtpTimeouts standard() {
    return new SmtpTimeouts(
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(3),
        Duration.ofMinutes(10),
        Duration.ofMinutes(10));
  }
}
