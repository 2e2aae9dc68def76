package io.postern.interop;

import java.io.IOException;
import java.util.List;

/**
 * A mail server for {@code example.org}, with mailboxes for {@code bob} and {@code jürgen} and
 * nobody else: whoever it has taken mail for and does not know is reported to the sender. It offers
 * and demands what servers on the Internet do: STARTTLS, PIPELINING, SMTPUTF8, SIZE.
 */
public interface MailServer extends DebianServer {
  String DOMAIN = "example.org";

  /**
   * Another domain's server on this machine, which must show a certificate of {@code localhost}.
   *
   * @param port on the loopback
   */
  record Relay(String domain, int port) {}

  /** Where it takes mail. */
  int port();

  /** Whose mailbox: files have names that every system can write. */
  enum User {
    BOB("bob"),
    JUERGEN("juergen");

    private final String folder;

    User(String folder) {
      this.folder = folder;
    }

    String folder() {
      return folder;
    }
  }

  /** What has been delivered to a mailbox, in no order, lines ended by CR LF. */
  List<byte[]> mails(User user) throws IOException;
}
