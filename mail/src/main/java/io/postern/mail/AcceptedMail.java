package io.postern.mail;

import java.util.Arrays;
import java.util.Objects;

/**
 * A mail as it came in, unparsed.
 *
 * @param octets header and body with CR LF line ends, dots unstuffed; copied in and out
 */
public record AcceptedMail(Envelope envelope, byte[] octets, Received received) {
  public AcceptedMail {
    Objects.requireNonNull(envelope, "envelope");
    Objects.requireNonNull(received, "received");
    octets = octets.clone();
  }

  @Override
  public byte[] octets() {
    return octets.clone();
  }

  /** How many octets it has, without copying them. */
  public int size() {
    return octets.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AcceptedMail mail
        && mail.envelope.equals(envelope)
        && mail.received.equals(received)
        && Arrays.equals(mail.octets, octets);
  }

  @Override
  public int hashCode() {
    return Objects.hash(envelope, received, Arrays.hashCode(octets));
  }

  /** Never the content. */
  @Override
  public String toString() {
    return "AcceptedMail[" + envelope + ", " + octets.length + " octets, " + received + "]";
  }
}
