package io.postern.smtp;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from greeting to QUIT: which command may come when. RFC 5321 §4.1.4.
 *
 * <p>Run by one thread; {@link #isOverdue}, {@link #endIfIdle} and {@link #abort} are for others.
 */
final class SmtpSession {
  /** Refused commands since the last mail that was taken; then the session ends. */
  static final int MAX_ERRORS = 20;

  /** Commands since the last mail that was taken, beside one RCPT per allowed recipient. */
  static final int MAX_COMMANDS = 100;

  private static final Logger log = LoggerFactory.getLogger(SmtpSession.class);

  /**
   * A domain or an address literal, RFC 5321 §4.1.1.1. Underscores and bare addresses: sent by many
   * a real client although the grammar forbids them, and harmless in a trace field.
   */
  private static final Pattern HELO = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,255}");

  private final Wire wire;
  private final SmtpSettings settings;
  private final Reception reception;
  private final SenderLimits limits;
  private final Supplier<Optional<SSLSocketFactory>> tls;
  private final BooleanSupplier closing;
  private SmtpClient client;
  private Optional<MailTransaction> transaction = Optional.empty();
  private boolean open = true;
  private int errors;
  private int commands;

  /**
   * @param tls what STARTTLS uses; empty if it is not offered
   * @param closing whether the receiver is about to close
   */
  SmtpSession(
      Wire wire,
      InetAddress address,
      SmtpSettings settings,
      Reception reception,
      SenderLimits limits,
      Supplier<Optional<SSLSocketFactory>> tls,
      BooleanSupplier closing) {
    this.wire = wire;
    this.client = SmtpClient.at(address);
    this.settings = settings;
    this.reception = reception;
    this.limits = limits;
    this.tls = tls;
    this.closing = closing;
  }

  /** Holds the whole conversation and closes the connection. */
  void run() {
    try (wire) {
      try {
        converse();
      } catch (SocketTimeoutException slow) {
        wire.send(SmtpReply.of(421, "4.4.2", "You took too long; closing"));
      } catch (EOFException gone) {
        if (closing.getAsBoolean()) {
          wire.send(shutdown());
        }
      } catch (Wire.EndlessLineException endless) {
        wire.send(SmtpReply.of(421, "4.7.0", "A line without end; closing"));
      } catch (MailTransaction.EndlessDataException endless) {
        wire.send(SmtpReply.of(552, "5.3.4", "Far too large; closing"));
      } catch (RuntimeException bug) {
        log.error("a session ended by a bug, client={}", client.addressText(), bug);
        wire.send(SmtpReply.of(421, "4.3.0", "Internal error; try again later"));
      }
      wire.linger();
    } catch (IOException failed) {
      // The client is gone or will not speak TLS with us: everyday life of a mail server.
      log.debug("connection failed, client={}: {}", client.addressText(), failed.toString());
    }
  }

  /** Whether the client keeps the session from going on, beyond all timeouts. */
  boolean isOverdue() {
    return wire.isOverdue();
  }

  /** Asks the session to end if it waits for a command. */
  void endIfIdle() throws IOException {
    wire.wake();
  }

  void abort() throws IOException {
    wire.abort();
  }

  private void converse() throws IOException {
    wire.send(SmtpReply.of(220, "", settings.hostname() + " ESMTP Postern"));
    while (open) {
      if (closing.getAsBoolean()) {
        wire.send(shutdown());
        return;
      }
      try {
        obey(SmtpCommand.parse(wire.line()));
      } catch (CommandException refused) {
        send(refused.reply());
      }
    }
  }

  private void obey(SmtpCommand command) throws IOException, CommandException {
    if (++commands > MAX_COMMANDS + settings.maxRecipients()) {
      end(SmtpReply.of(421, "4.7.0", "Too many commands without a mail; closing"));
      return;
    }
    if (command.isForeign()) {
      end(SmtpReply.of(421, "4.7.0", "This is no SMTP command; closing"));
      return;
    }
    switch (command.verb()) {
      case "EHLO" -> hello(command, true);
      case "HELO" -> hello(command, false);
      case "STARTTLS" -> startTls(command);
      case "MAIL" -> mail(command);
      case "RCPT" -> recipient(command);
      case "DATA" -> data(command);
      case "RSET" -> reset(command);
      case "NOOP" -> send(SmtpReply.of(250, "2.0.0", "Ok"));
      case "HELP" -> send(SmtpReply.of(214, "2.0.0", "See RFC 5321"));
      case "VRFY" -> send(SmtpReply.of(252, "2.0.0", "Send a mail and it will be seen"));
      case "EXPN", "AUTH", "ETRN", "TURN" -> throw notOffered(command.verb());
      // What follows BDAT is a mail: not to be read as commands.
      case "BDAT" -> end(SmtpReply.of(502, "5.5.1", "CHUNKING is not offered here; closing"));
      case "QUIT" -> end(SmtpReply.of(221, "2.0.0", "Bye"));
      default -> throw new CommandException(500, "5.5.1", "Unknown command");
    }
  }

  private void hello(SmtpCommand command, boolean extended) throws IOException, CommandException {
    if (!HELO.matcher(command.argument()).matches()) {
      throw new CommandException(
          501, "5.5.4", "Say who you are: " + command.verb() + " mail.example.org");
    }
    requireSynchronized();
    transaction = Optional.empty();
    client = client.introduced(command.argument(), extended);
    var lines = new ArrayList<String>();
    lines.add(settings.hostname());
    if (extended) {
      lines.addAll(
          List.of(
              "PIPELINING",
              "SIZE " + settings.maxMailBytes(),
              "8BITMIME",
              "SMTPUTF8",
              "ENHANCEDSTATUSCODES"));
      if (tls.get().isPresent() && client.tls().isEmpty()) {
        lines.add("STARTTLS");
      }
    }
    send(new SmtpReply(250, "", lines));
  }

  /** RFC 3207. */
  private void startTls(SmtpCommand command) throws IOException, CommandException {
    var factory = tls.get();
    if (factory.isEmpty()) {
      throw notOffered("STARTTLS");
    }
    if (client.tls().isPresent()) {
      throw outOfOrder("TLS is active already");
    }
    requireNoArgument(command);
    send(SmtpReply.of(220, "2.0.0", "Ready for TLS"));
    try {
      client = client.encrypted(wire.startTls(factory.get()));
    } catch (IOException failed) {
      // Neither side knows what the other would take for a reply now.
      wire.abort();
      throw new IOException("no TLS: " + failed.getMessage(), failed);
    }
    transaction = Optional.empty();
  }

  private void mail(SmtpCommand command) throws IOException, CommandException {
    if (!client.isIntroduced()) {
      throw outOfOrder("say EHLO first");
    }
    if (transaction.isPresent()) {
      throw outOfOrder("one mail at a time; RSET drops the first");
    }
    var begun = MailTransaction.begin(settings, reception, client, command.argument());
    var wait = limits.mail(client.address(), System.nanoTime());
    if (wait.isPresent()) {
      throw new CommandException(wait.get());
    }
    transaction = Optional.of(begun);
    send(SmtpReply.of(250, "2.1.0", "Sender ok"));
  }

  private void recipient(SmtpCommand command) throws IOException, CommandException {
    if (transaction.isEmpty()) {
      throw outOfOrder("MAIL comes before RCPT");
    }
    send(transaction.get().recipient(command.argument()));
  }

  private void data(SmtpCommand command) throws IOException, CommandException {
    requireNoArgument(command);
    requireSynchronized();
    if (transaction.isEmpty()) {
      throw outOfOrder("MAIL and RCPT come before DATA");
    }
    if (!transaction.get().hasRecipients()) {
      throw new CommandException(554, "5.5.1", "No valid recipients");
    }
    SmtpReply reply;
    try {
      reply = transaction.get().data(wire);
    } finally {
      transaction = Optional.empty();
    }
    send(reply);
    if (!reply.isRefusal()) {
      wire.flush();
      reception.spool().step(SpoolStep.ANSWERED);
      errors = 0;
      commands = 0;
    }
  }

  private void reset(SmtpCommand command) throws IOException, CommandException {
    requireNoArgument(command);
    transaction = Optional.empty();
    send(SmtpReply.of(250, "2.0.0", "Forgotten"));
  }

  private void send(SmtpReply reply) throws IOException {
    wire.send(reply);
    if (reply.code() >= 500 && ++errors > MAX_ERRORS) {
      end(SmtpReply.of(421, "4.7.0", "Too many errors; closing"));
    }
  }

  private void end(SmtpReply last) throws IOException {
    wire.send(last);
    open = false;
  }

  /**
   * RFC 2920 §3.1: EHLO and DATA are the last of their group. A client that goes on without waiting
   * may be the victim of somebody who put commands into its text.
   */
  private void requireSynchronized() throws IOException, CommandException {
    if (wire.hasMore()) {
      open = false;
      throw new CommandException(554, "5.5.0", "Wait for the reply before you go on; closing");
    }
  }

  private static void requireNoArgument(SmtpCommand command) throws CommandException {
    if (!command.argument().isEmpty()) {
      throw new CommandException(501, "5.5.4", command.verb() + " has no argument");
    }
  }

  private static CommandException notOffered(String verb) {
    return new CommandException(502, "5.5.1", verb + " is not offered here");
  }

  private static CommandException outOfOrder(String advice) {
    return new CommandException(503, "5.5.1", "Bad sequence of commands: " + advice);
  }

  private static SmtpReply shutdown() {
    return SmtpReply.of(421, "4.3.2", "Shutting down; try again later");
  }
}
