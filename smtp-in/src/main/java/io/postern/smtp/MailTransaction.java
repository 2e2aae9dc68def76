package io.postern.smtp;

import io.postern.mail.Envelope;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MAIL, RCPT and DATA of one mail. RFC 5321 §3.3. For one session. */
final class MailTransaction {
  private static final Logger log = LoggerFactory.getLogger(MailTransaction.class);

  /** RFC 1870 §4: one to twenty digits. */
  private static final Pattern SIZE = Pattern.compile("\\d{1,20}");

  /** RFC 3461 §4, {@code xtext}: what is not printed as itself is + and two hex digits. */
  private static final Pattern XTEXT = Pattern.compile("(?:[!-*,-<>-~]|\\+[0-9A-F]{2}){1,500}");

  /** The parameters of MAIL. */
  private static final List<String> MX = List.of("SIZE", "BODY", "SMTPUTF8");

  private static final List<String> SUBMISSION = List.of("SIZE", "BODY", "SMTPUTF8", "AUTH");

  private final SmtpSettings settings;
  private final Reception reception;
  private final SmtpClient client;
  private final Optional<Mailbox> reversePath;
  private final boolean smtpUtf8;
  private final List<Mailbox> recipients = new ArrayList<>();

  private MailTransaction(
      SmtpSettings settings,
      Reception reception,
      SmtpClient client,
      Optional<Mailbox> reversePath,
      boolean smtpUtf8) {
    this.settings = settings;
    this.reception = reception;
    this.client = client;
    this.reversePath = reversePath;
    this.smtpUtf8 = smtpUtf8;
  }

  /**
   * MAIL: begins a transaction. RFC 5321 §4.1.1.2.
   *
   * @throws CommandException if the argument is malformed, a parameter is not known or the mail
   *     will be too large
   */
  static MailTransaction begin(
      SmtpSettings settings, Reception reception, SmtpClient client, String argument)
      throws CommandException, IOException {
    var path = PathArgument.parse(argument, "FROM");
    long declared = 0;
    boolean smtpUtf8 = false;
    for (var parameter : path.parameters().entrySet()) {
      requireKnown(client, parameter, client.login().isPresent() ? SUBMISSION : MX);
      switch (parameter.getKey()) {
        case "SIZE" ->
            declared = declaredSize(parameter.getValue(), settings.mails().maxMailBytes());
        case "BODY" -> requireBodyType(parameter.getValue());
        case "AUTH" -> requireXtext(parameter.getValue());
        default -> {
          requireNoValue(parameter);
          smtpUtf8 = true;
        }
      }
    }
    Optional<Mailbox> reversePath =
        path.path().isEmpty()
            ? Optional.empty()
            : Optional.of(mailbox(path.path(), "5.1.7", smtpUtf8));
    if (client.login().isPresent()) {
      requireOwn(reversePath, client.login().get());
    }
    if (!reception.spool().hasRoomFor(Math.max(declared, settings.mails().maxMailBytes()))) {
      log.error("refusing mail: the disk of the spool is full");
      throw new CommandException(452, "4.3.1", "No room for mail now; try again later");
    }
    return new MailTransaction(settings, reception, client, reversePath, smtpUtf8);
  }

  /**
   * RCPT: one more recipient. RFC 5321 §4.1.1.3.
   *
   * @throws CommandException if the argument is malformed or there are too many recipients
   */
  SmtpReply recipient(String argument) throws CommandException {
    var path = PathArgument.parse(argument, "TO");
    for (var parameter : path.parameters().entrySet()) {
      requireKnown(client, parameter, List.of());
    }
    if (path.path().isEmpty()) {
      throw new CommandException(501, "5.1.3", "The null path receives no mail");
    }
    // RFC 5321 §4.5.1: the postmaster needs no domain.
    boolean postmaster = path.path().toLowerCase(Locale.ROOT).equals("postmaster");
    var recipient =
        postmaster
            ? new Mailbox("postmaster", settings.hostname())
            // RFC 6531 §3.3: the U-labels and the A-labels of a domain of ours are one domain.
            : mailbox(path.path(), "5.1.3", smtpUtf8).withDomainInAscii();
    if (recipients.stream().anyMatch(recipient::sameAs)) {
      return new RecipientCheck.Served().reply();
    }
    if (recipients.size() >= settings.mails().maxRecipients()) {
      throw new CommandException(
          452,
          "4.5.3",
          "More than " + settings.mails().maxRecipients() + " recipients; send another mail");
    }
    var asked = new ArrayList<>(recipients);
    asked.add(recipient);
    var answer = reception.recipients().check(recipient, new Envelope(reversePath, asked));
    var reply =
        answer instanceof RecipientCheck.Served
            ? clientFault(recipient).orElse(answer.reply())
            : answer.reply();
    if (!reply.isRefusal()) {
      recipients.add(recipient);
    } else if (reply.isPolicy()) {
      refused(reply, List.of(recipient), List.of(), 0);
    }
    return reply;
  }

  private Optional<SmtpReply> clientFault(Mailbox recipient) {
    if (client.login().isPresent()) {
      return Optional.empty(); // Not a server, but somebody at home: blocklists name those.
    }
    return reception
        .clients()
        .check(new ClientCheck.Attempt(client.address(), client.helo(), reversePath, recipient));
  }

  boolean hasRecipients() {
    return !recipients.isEmpty();
  }

  /**
   * DATA: takes the mail. Nothing is decided before its last octet has been read. RFC 5321
   * §4.1.1.4.
   *
   * @return the reply; 250 only when the mail is durable
   * @throws EndlessDataException if the data do not end; only closing the connection is safe then
   * @throws IOException if the connection failed
   */
  SmtpReply data(Wire wire) throws IOException {
    long began = System.nanoTime();
    var spool = reception.spool();
    try (var incoming = spool.begin()) {
      try {
        incoming.writeTrace(
            TraceField.received(
                client, settings.hostname(), incoming.id(), recipients, smtpUtf8, spool.now()));
      } catch (IOException failed) {
        return spoolFailed(failed);
      }
      wire.send(SmtpReply.of(354, "", "End the mail with a dot on a line of its own"));
      wire.beginData(settings.timeouts().data());
      var header = new HeaderBlock();
      var reader = new DataReader(settings.mails().maxMailBytes());
      boolean ended =
          reader.read(
              wire::octet,
              (octets, offset, length) -> {
                header.accept(octets, offset, length);
                incoming.write(octets, offset, length);
                spool.step(SpoolStep.ARRIVING);
              });
      if (!ended) {
        throw new EndlessDataException();
      }
      var fields = header.fields();
      var reply =
          framingFault(reader, header)
              .or(() -> reception.loops().check(fields))
              .orElseGet(() -> judge(incoming, began));
      if (reply.isRefusal()) {
        refused(reply, recipients, fields, incoming.arrivedOctets());
      }
      return reply;
    }
  }

  /** The data went on far beyond the largest mail. */
  static final class EndlessDataException extends IOException {
    EndlessDataException() {
      super("the data do not end");
    }
  }

  private Optional<SmtpReply> framingFault(DataReader reader, HeaderBlock header) {
    if (reader.sinkFailure().isPresent()) {
      return Optional.of(spoolFailed(reader.sinkFailure().get()));
    }
    if (reader.flaw().isPresent()) {
      return Optional.of(
          SmtpReply.of(
              554,
              "5.6.0",
              "The mail holds "
                  + reader.flaw().get().text
                  + "; lines end in CR LF, RFC 5321 2.3.8"));
    }
    if (reader.isTooLarge()) {
      return Optional.of(tooLarge(settings.mails().maxMailBytes()));
    }
    return header.isTooLong()
        ? Optional.of(
            SmtpReply.of(
                552, "5.3.4", "The header is larger than " + HeaderBlock.MAX_OCTETS + " octets"))
        : Optional.empty();
  }

  private SmtpReply judge(IncomingMail incoming, long began) {
    var spool = reception.spool();
    var envelope = new Envelope(reversePath, recipients);
    var received =
        new Received(
            spool.now(),
            client.addressText(),
            client.helo(),
            client.tls().isPresent(),
            Verdict.none());
    try {
      var judgement = reception.judge().judge(incoming.arrived(envelope, received, client.login()));
      if (judgement instanceof MailJudge.Refused refused) {
        return refused.reply();
      }
      spool.step(SpoolStep.JUDGED);
      var verdict = ((MailJudge.Taken) judgement).verdict();
      var id = incoming.commit(envelope, received, verdict);
      log.info(
          "spool={} mailbox={} recipients={} octets={} client={} tls={} took={}ms",
          id,
          recipients.get(0),
          recipients.size(),
          incoming.arrivedOctets(),
          client.addressText(),
          client.tls().isPresent(),
          (System.nanoTime() - began) / 1_000_000);
      return SmtpReply.of(250, "2.0.0", "Taken as " + id);
    } catch (IOException failed) {
      return spoolFailed(failed);
    }
  }

  private void refused(
      SmtpReply reply, List<Mailbox> recipients, List<String> fields, long octets) {
    log.info(
        "refused code={} status={} client={}", reply.code(), reply.status(), client.addressText());
    new Refusal(
            reception.spool().now(),
            client.addressText(),
            client.helo(),
            reversePath,
            recipients,
            Refusal.from(fields),
            Refusal.mailId(fields),
            "",
            octets,
            reply)
        .tell(reception.refusals());
  }

  private static SmtpReply spoolFailed(IOException failed) {
    log.error("the spool could not take a mail; its client is told to try again", failed);
    return SmtpReply.of(451, "4.3.0", "The mail could not be stored; try again later");
  }

  private static SmtpReply tooLarge(long limit) {
    return SmtpReply.of(552, "5.3.4", "Too large; the limit is " + limit + " octets");
  }

  /** RFC 5321 §4.1.1.11: an extension that was not offered is refused. */
  private static void requireKnown(
      SmtpClient client, Map.Entry<String, String> parameter, List<String> known)
      throws CommandException {
    if (!client.extended() || !known.contains(parameter.getKey())) {
      throw new CommandException(
          555, "5.5.4", "The parameter " + parameter.getKey() + " is not offered here");
    }
  }

  private static void requireNoValue(Map.Entry<String, String> parameter) throws CommandException {
    if (!parameter.getValue().isEmpty()) {
      throw new CommandException(501, "5.5.4", parameter.getKey() + " has no value");
    }
  }

  /** RFC 6152 §2. */
  private static void requireBodyType(String value) throws CommandException {
    if (!value.equalsIgnoreCase("7BIT") && !value.equalsIgnoreCase("8BITMIME")) {
      throw new CommandException(501, "5.5.4", "BODY is 7BIT or 8BITMIME");
    }
  }

  /** RFC 4954 §5: who had it first, says a client who is not asked to vouch for that. */
  private static void requireXtext(String value) throws CommandException {
    if (!XTEXT.matcher(value).matches()) {
      throw new CommandException(501, "5.5.4", "AUTH is an address as xtext, or <>");
    }
  }

  /** RFC 6409 §6.1. What comes back must come back to whoever has sent it. */
  private static void requireOwn(Optional<Mailbox> reversePath, Mailbox login)
      throws CommandException {
    if (reversePath.isEmpty()) {
      throw new CommandException(550, "5.7.1", "Write as " + login + ", not as nobody");
    }
    if (!reversePath.get().sameAs(login)) {
      throw new CommandException(553, "5.7.1", "You are logged in as " + login + "; write as that");
    }
  }

  private static long declaredSize(String value, long limit) throws CommandException {
    if (!SIZE.matcher(value).matches()) {
      throw new CommandException(501, "5.5.4", "SIZE is a number of one to twenty digits");
    }
    // Twenty digits may exceed a long; then they exceed every limit.
    boolean huge = value.length() > 18;
    if (huge || Long.parseLong(value) > limit) {
      throw new CommandException(tooLarge(limit));
    }
    return Long.parseLong(value);
  }

  private static Mailbox mailbox(String path, String status, boolean smtpUtf8)
      throws CommandException {
    try {
      var mailbox = Mailbox.parse(path);
      if (mailbox.needsSmtpUtf8() && !smtpUtf8) {
        throw new CommandException(
            553, "5.6.7", "An address beyond ASCII needs SMTPUTF8 on MAIL, RFC 6531");
      }
      return mailbox;
    } catch (MailException malformed) {
      throw new CommandException(501, status, malformed.advice());
    }
  }
}
