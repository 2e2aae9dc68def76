package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A mail that has arrived whole and waits for its judgement. A large one stands in the spool's
 * folder, so nobody is given its octets but as a stream.
 */
public final class ArrivedMail {
  private final IncomingMail file;
  private final Envelope envelope;
  private final Received received;
  private final Optional<Mailbox> login;

  ArrivedMail(IncomingMail file, Envelope envelope, Received received, Optional<Mailbox> login) {
    this.file = file;
    this.envelope = envelope;
    this.received = received;
    this.login = login;
  }

  /** What it will be called if it is taken. */
  public SpoolId id() {
    return file.id();
  }

  /** Where it goes, as MAIL and RCPT said. */
  public Envelope envelope() {
    return envelope;
  }

  /** How it came; its verdict is not there yet. */
  public Received received() {
    return received;
  }

  /** As which address its client has logged in; empty if it came from another server. */
  public Optional<Mailbox> login() {
    return login;
  }

  /** Octets of the mail as it arrived. */
  public long size() {
    return file.arrivedOctets();
  }

  /** The mail as it arrived, without the trace field of this server. To be closed. */
  public InputStream open() throws IOException {
    return file.openArrived();
  }

  /**
   * The file in which it stands, under the trace field of this server: for another program to read,
   * and only until the mail is judged.
   */
  public Path path() throws IOException {
    return file.written();
  }
}
