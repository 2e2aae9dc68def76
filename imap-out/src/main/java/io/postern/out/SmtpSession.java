package io.postern.out;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;

/** One opened session with an SMTP server, good for one mail. RFC 5321 §3.3. */
final class SmtpSession implements Closeable {
  private static final byte[] FINAL_DOT = {'.', '\r', '\n'};

  private final String host;
  private final SmtpConnection connection;
  private final Map<String, String> extensions;

  SmtpSession(String host, SmtpConnection connection, Map<String, String> extensions) {
    this.host = host;
    this.connection = connection;
    this.extensions = Map.copyOf(extensions);
  }

  boolean isTls() {
    return connection.isTls();
  }

  /** One mail transaction: MAIL, RCPT for each forward-path, DATA. */
  Delivery send(Envelope envelope, OutgoingMail mail) {
    connection.extend(SmtpTimeouts.carrying(mail.size()));
    try {
      open(envelope, mail);
      write(mail);
    } catch (UndeliveredException stop) {
      return stop.outcome();
    } catch (IOException broken) {
      // Of the route: a server that lets us wait would do so with each mail.
      return new Delivery.Deferred(
              "4.4.2", "lost " + host + " before it had the whole mail: " + broken.getMessage())
          .ofRoute();
    } catch (MalformedReplyException malformed) {
      return new Delivery.Deferred("4.5.0", host + ": " + malformed.getMessage());
    }
    return conclude();
  }

  private void open(Envelope envelope, OutgoingMail mail)
      throws IOException, MalformedReplyException, UndeliveredException {
    var commands = new ArrayList<String>();
    commands.add(mailCommand(envelope, mail));
    for (var mailbox : envelope.forwardPaths()) {
      commands.add(recipientCommand(envelope, SmtpPath.ascii(mailbox)));
    }
    boolean pipelining = extensions.containsKey("PIPELINING");
    if (pipelining) {
      // DATA is not among them (RFC 2920 §3.1 would allow it): 354 to a mail without a recipient
      // would have to be answered by an empty mail.
      connection.write(commands);
    }
    for (var command : commands) {
      var reply = pipelining ? connection.reply() : connection.command(command);
      if (!reply.isPositive()) {
        var failure = reply.failure(host, stepName(command));
        throw command.startsWith("RCPT") ? failure.ofRecipient() : failure;
      }
    }
  }

  /** MAIL FROM or RCPT TO with its path, without the parameters. */
  private static String stepName(String command) {
    return command.substring(0, command.lastIndexOf('>') + 1);
  }

  private boolean asksForReports(Envelope envelope) {
    // Nobody is told of a mail from nobody.
    return extensions.containsKey("DSN") && envelope.reversePath().isPresent();
  }

  private String recipientCommand(Envelope envelope, Mailbox recipient) {
    var command = "RCPT TO:<" + recipient + ">";
    return asksForReports(envelope) ? command + DeliveryRequest.ofRecipient(recipient) : command;
  }

  private String mailCommand(Envelope envelope, OutgoingMail mail) throws UndeliveredException {
    var command = new StringBuilder("MAIL FROM:<");
    if (envelope.reversePath().isPresent()) {
      command.append(SmtpPath.ascii(envelope.reversePath().get()));
    }
    command.append('>');
    if (extensions.containsKey("SIZE")) {
      requireSize(mail.size());
      command.append(" SIZE=").append(mail.size());
    }
    if (mail.isEightBit()) {
      if (!extensions.containsKey("8BITMIME")) {
        throw UndeliveredException.refused(
            "5.6.3", host + " takes mail in ASCII only, and this mail is signed as it is");
      }
      command.append(" BODY=8BITMIME");
    }
    boolean utf8Address = hasUtf8Address(envelope);
    if (utf8Address || mail.hasUtf8Header()) {
      if (!extensions.containsKey("SMTPUTF8")) {
        throw utf8Address
            ? UndeliveredException.refused(
                "5.6.7", host + " cannot carry addresses with letters beyond ASCII")
            : UndeliveredException.refused("5.6.9", host + " cannot carry header fields in UTF-8");
      }
      command.append(" SMTPUTF8");
    }
    if (asksForReports(envelope)) {
      command.append(DeliveryRequest.ofMail(SmtpPath.ascii(envelope.reversePath().get())));
    }
    return command.toString();
  }

  private static boolean hasUtf8Address(Envelope envelope) throws UndeliveredException {
    var mailboxes = new ArrayList<Mailbox>(envelope.forwardPaths());
    envelope.reversePath().ifPresent(mailboxes::add);
    for (var mailbox : mailboxes) {
      if (SmtpPath.ascii(mailbox).needsSmtpUtf8()) {
        return true;
      }
    }
    return false;
  }

  /** RFC 1870 §4: 0 or nothing means that no limit is known. */
  private void requireSize(int size) throws UndeliveredException {
    var declared = extensions.get("SIZE").strip();
    var limit = declared.matches("\\d{1,18}") ? Long.parseLong(declared) : 0;
    if (limit > 0 && size > limit) {
      throw UndeliveredException.refused(
          "5.3.4", "the mail has " + size + " octets; " + host + " takes " + limit + " at most");
    }
  }

  private void write(OutgoingMail mail)
      throws IOException, MalformedReplyException, UndeliveredException {
    var go = connection.command("DATA");
    if (go.code() != 354) {
      throw go.failure(host, "DATA").ofRecipient();
    }
    connection.write(DotStuffing.stuff(mail.octets()));
  }

  /** From the final dot on the mail may be theirs, whatever happens to the connection. */
  private Delivery conclude() {
    try {
      connection.write(FINAL_DOT);
      var reply = connection.lastReply();
      return reply.isPositive()
          ? new Delivery.Delivered(reply.text())
          : reply.failure(host, "the mail").ofRecipient().outcome();
    } catch (IOException lost) {
      return unknown("4.4.2", lost);
    } catch (MalformedReplyException malformed) {
      return unknown("4.5.0", malformed);
    }
  }

  private Delivery unknown(String status, Exception cause) {
    return new Delivery.Deferred(
        status,
        host
            + " has the whole mail but not said whether it takes it ("
            + cause.getMessage()
            + "); a duplicate with the same Message-ID is possible");
  }

  /** Leaves politely; never fails. */
  @Override
  public void close() {
    connection.quit();
  }
}
