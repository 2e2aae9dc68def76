package io.postern.smtp;

import io.postern.mail.Mailbox;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
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

  /** Then the session ends. */
  static final int MAX_FAILED_LOGINS = 3;

  private static final Logger log = LoggerFactory.getLogger(SmtpSession.class);

  /**
   * A domain or an address literal, RFC 5321 §4.1.1.1. Underscores and bare addresses: sent by many
   * a real client although the grammar forbids them, and harmless in a trace field.
   */
  private static final Pattern HELO = Pattern.compile("[A-Za-z0-9._:\\[\\]-]{1,255}");

  private final Wire wire;
  private final ListenerKind kind;
  private final SenderLimits.Place place;
  private final boolean behindProxy;
  private final Surroundings around;
  private final SmtpSettings settings;
  private SmtpClient client;
  private Optional<MailTransaction> transaction = Optional.empty();
  private boolean open = true;
  private int errors;
  private int commands;
  private int failedLogins;

  /**
   * @param address of the far end
   * @param behindProxy whether the far end is a proxy, which says first who the client is; then the
   *     place is not yet that of a client
   */
  SmtpSession(
      Wire wire,
      InetAddress address,
      ListenerKind kind,
      SenderLimits.Place place,
      boolean behindProxy,
      Surroundings around) {
    this.wire = wire;
    this.client = SmtpClient.at(address);
    this.kind = kind;
    this.place = place;
    this.behindProxy = behindProxy;
    this.around = around;
    this.settings = around.settings();
  }

  /** Holds the whole conversation and closes the connection. */
  void run() {
    try (wire) {
      if (!isLetIn()) {
        return;
      }
      try {
        converse();
      } catch (SocketTimeoutException slow) {
        wire.send(SmtpReply.of(421, "4.4.2", "You took too long; closing"));
      } catch (EOFException gone) {
        if (around.closing().getAsBoolean()) {
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
    } catch (ProxyHeader.MalformedException malformed) {
      // Nothing is answered: who speaks there is not known.
      log.warn("dropped proxy={}: {}", client.addressText(), malformed.getMessage());
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

  /** Learns who the client is, and begins TLS where nothing goes before it. */
  private boolean isLetIn() throws IOException {
    if (behindProxy) {
      wire.proxyHeader().ifPresent(real -> client = SmtpClient.at(real));
      var refusal = place.of(client.address());
      if (refusal.isPresent()) {
        if (!kind.isImplicitTls()) {
          wire.send(refusal.get());
          wire.linger();
        }
        return false;
      }
    }
    if (kind.isImplicitTls()) {
      client = client.encrypted(wire.startTls(around.tls().get().orElseThrow()));
    }
    return true;
  }

  private void converse() throws IOException {
    wire.send(SmtpReply.of(220, "", settings.hostname() + " ESMTP Postern"));
    while (open) {
      if (around.closing().getAsBoolean()) {
        wire.send(shutdown());
        return;
      }
      try {
        obey(wire.commandLine());
      } catch (CommandException refused) {
        send(refused.reply());
      }
    }
  }

  private void obey(byte[] line) throws IOException, CommandException {
    if (++commands > MAX_COMMANDS + settings.mails().maxRecipients()) {
      end(SmtpReply.of(421, "4.7.0", "Too many commands without a mail; closing"));
      return;
    }
    if (AuthExchange.isBegunBy(line)) {
      try {
        authenticate(line);
      } finally {
        Arrays.fill(line, (byte) 0);
      }
      return;
    }
    var command = SmtpCommand.parse(Wire.text(line));
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
      case "EXPN", "ETRN", "TURN" -> throw notOffered(command.verb());
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
              "SIZE " + settings.mails().maxMailBytes(),
              "8BITMIME",
              "SMTPUTF8",
              "ENHANCEDSTATUSCODES"));
      if (around.tls().get().isPresent() && client.tls().isEmpty()) {
        lines.add("STARTTLS");
      }
      if (kind.isSubmission() && client.tls().isPresent()) {
        lines.add(AuthExchange.OFFER);
      }
    }
    send(new SmtpReply(250, "", lines));
  }

  /** RFC 3207. */
  private void startTls(SmtpCommand command) throws IOException, CommandException {
    var factory = around.tls().get();
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

  /** RFC 4954 §4. */
  private void authenticate(byte[] line) throws IOException, CommandException {
    if (!kind.isSubmission()) {
      throw notOffered("AUTH");
    }
    if (client.tls().isEmpty()) {
      throw new CommandException(538, "5.7.11", "Passwords go over TLS only: STARTTLS first");
    }
    if (!client.isIntroduced() || !client.extended()) {
      throw outOfOrder("say EHLO first");
    }
    if (client.login().isPresent()) {
      throw outOfOrder("you are logged in already");
    }
    requireSynchronized();
    try (var credentials = AuthExchange.hold(line, wire)) {
      logIn(credentials);
    }
  }

  private void logIn(Credentials credentials) throws IOException, CommandException {
    var wait =
        around.loginLimits().attempt(client.address(), credentials.name(), System.nanoTime());
    if (wait.isPresent()) {
      throw new CommandException(wait.get());
    }
    Optional<Mailbox> login;
    try {
      login = around.reception().logins().check(credentials.name(), credentials.password());
    } catch (IOException notNow) {
      around.loginLimits().untried(client.address(), credentials.name());
      log.warn("logins cannot be checked: {}", notNow.getMessage());
      throw new CommandException(454, "4.7.0", "Logins cannot be checked now; try again later");
    }
    if (login.isEmpty()) {
      log.info("login refused client={}", client.addressText());
      send(SmtpReply.of(535, "5.7.8", "Name or password is wrong"));
      if (++failedLogins >= MAX_FAILED_LOGINS && open) {
        end(SmtpReply.of(421, "4.7.0", "Too many failed logins; closing"));
      }
      return;
    }
    around.loginLimits().succeeded(client.address(), credentials.name());
    client = client.loggedIn(login.get());
    send(SmtpReply.of(235, "2.7.0", "Welcome"));
  }

  private void mail(SmtpCommand command) throws IOException, CommandException {
    if (!client.isIntroduced()) {
      throw outOfOrder("say EHLO first");
    }
    if (kind.isSubmission() && client.login().isEmpty()) {
      throw new CommandException(
          530,
          "5.7.0",
          client.tls().isEmpty() ? "STARTTLS first, then log in" : "Log in first, by AUTH");
    }
    if (transaction.isPresent()) {
      throw outOfOrder("one mail at a time; RSET drops the first");
    }
    var begun = MailTransaction.begin(settings, around.reception(), client, command.argument());
    var wait = around.limits().mail(client.address(), System.nanoTime());
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
      around.reception().spool().step(SpoolStep.ANSWERED);
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
