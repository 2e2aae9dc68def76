package io.postern.mail;

import java.io.InputStream;
import java.util.Objects;

/**
 * A mail that lies in a mailbox, fetched while it is read: no more than a piece of it is in memory.
 *
 * @param octets how many it has, as its server says
 * @param content header and body with CR LF line ends; whoever gives the mail closes it. What it
 *     throws is a failure of the way, not of the mail.
 */
public record FetchedMail(Envelope envelope, Received received, long octets, InputStream content) {
  public FetchedMail {
    Objects.requireNonNull(envelope, "envelope");
    Objects.requireNonNull(received, "received");
    Objects.requireNonNull(content, "content");
  }

  /** Never the content. */
  @Override
  public String toString() {
    return "FetchedMail[" + envelope + ", " + octets + " octets, " + received + "]";
  }
}
