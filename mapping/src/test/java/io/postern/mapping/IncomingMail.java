package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import io.postern.mail.NamedMailbox;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Text;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What Bob, who has mail, writes to Alice, on XMTP, and what is known then. */
final class IncomingMail {
  static final Instant RECEIVED = Instant.parse("2026-02-03T09:00:01Z");

  private IncomingMail() {}

  /** A mail of Bob's with these fields and this text. */
  static Mail mail(String fields, String text) {
    return read(
        "From: Bob <bob@mail.example>\n"
            + "To: alice.eth@bridge.example\n"
            + "Date: Tue, 03 Feb 2026 10:00:00 +0100\n"
            + "MIME-Version: 1.0\n"
            + "Message-ID: <n1@mail.example>\n"
            + fields
            + "\n"
            + text);
  }

  static Mail read(String raw) {
    try {
      return MailReader.read(
          raw.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    } catch (MailException unreadable) {
      throw new AssertionError("the mail of this test cannot be read", unreadable);
    }
  }

  /** The mail answers message {@code n} of Alice's. */
  static Circumstances.AnsweredMessage answered(String mailId, int n, boolean newest) {
    return new Circumstances.AnsweredMessage(
        new MailId(mailId), OutgoingLines.id(n), inbox(1), newest);
  }

  /** In a thread about lunch. */
  static Circumstances lunch(Circumstances.AnsweredMessage... answered) {
    return circumstances(2, Set.of(), answered);
  }

  static Circumstances circumstances(
      int members, Set<String> reactions, Circumstances.AnsweredMessage... answered) {
    return new Circumstances(
        RECEIVED,
        List.of(answered).stream().findFirst(),
        members,
        Optional.of("lunch"),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        reactions,
        Circumstances.Form.TEXT,
        Circumstances.Quotes.CUT);
  }

  static Circumstances introduced(String line, NamedMailbox... others) {
    return new Circumstances(
        RECEIVED,
        Optional.empty(),
        2,
        Optional.empty(),
        Optional.of(line),
        Optional.empty(),
        List.of(others),
        Set.of(),
        Set.of(),
        Circumstances.Form.TEXT,
        Circumstances.Quotes.CUT);
  }

  static Circumstances cautioned(String line) {
    return new Circumstances(
        RECEIVED,
        Optional.empty(),
        2,
        Optional.of("lunch"),
        Optional.empty(),
        Optional.of(line),
        List.of(),
        Set.of(),
        Set.of(),
        Circumstances.Form.TEXT,
        Circumstances.Quotes.CUT);
  }

  static Circumstances inForm(Circumstances.Form form, Circumstances.Quotes quotes) {
    return new Circumstances(
        RECEIVED,
        Optional.empty(),
        2,
        Optional.of("lunch"),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        Set.of(),
        form,
        quotes);
  }

  static NamedMailbox person(int n) {
    return new NamedMailbox("P" + n, mailbox("p" + n + "@mail.example"));
  }

  static MailToContent.Result convert(Mail mail, Circumstances circumstances) {
    return MailToContent.convert(mail, ReadableMail.of(mail), circumstances);
  }

  static List<MailToContent.Part> parts(Mail mail, Circumstances circumstances) {
    return assertInstanceOf(MailToContent.Result.Messages.class, convert(mail, circumstances))
        .parts();
  }

  /** What the one message says that the mail becomes. */
  static String text(Mail mail, Circumstances circumstances) {
    var parts = parts(mail, circumstances);
    if (parts.size() != 1) {
      throw new AssertionError("expected one message, got " + parts.size());
    }
    return assertInstanceOf(Text.class, parts.get(0).content()).text();
  }
}
