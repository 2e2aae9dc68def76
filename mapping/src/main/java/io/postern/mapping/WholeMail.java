package io.postern.mapping;

import io.postern.mail.Attachment;
import io.postern.mail.BodyStore;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Summary;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command by which a peer asks for a mail as it came, and what they get. What was cut from a
 * mail is so never lost to its reader. spec/content-types.md §10.8, "attach the original".
 */
public final class WholeMail {
  /** The whole message; answering the mail's message, or the newest mail is meant. */
  public static final String COMMAND = "/whole";

  private static final String MEDIA_TYPE = "message/rfc822";

  /** If so much more of a mail would be held, no words are given: nobody waits here for memory. */
  private static final long MOST_HELD = 24L << 20;

  private WholeMail() {}

  /** Whether somebody says nothing but the command. */
  public static boolean isAsked(Content content) {
    var said = content instanceof Reply reply ? reply.content() : content;
    var words =
        said instanceof Text text
            ? text.text()
            : said instanceof Markdown markdown ? markdown.markdown() : "";
    return words.strip().equalsIgnoreCase(COMMAND);
  }

  /**
   * The mail as a file. Where that is too large for a message, all its words as a file, and that it
   * was too large; then it is not held in memory.
   *
   * @param whole a mail as final delivery hands it on, read once and to its end
   * @param bodies where those of a large mail go meanwhile; what it throws unchecked is thrown on,
   *     and so is what its bodies throw when they are read
   * @return at least one
   * @throws IOException if the mail cannot be read from where it is, or what the store throws
   */
  public static List<Content> contents(InputStream whole, BodyStore bodies) throws IOException {
    var beginning = whole.readNBytes(ContentCodec.MAX_ENCODED_BYTES + 1);
    if (beginning.length > ContentCodec.MAX_ENCODED_BYTES) {
      var all = new Counted(new SequenceInputStream(new ByteArrayInputStream(beginning), whole));
      var mail = large(all, bodies);
      all.transferTo(OutputStream.nullOutputStream()); // Only its end says whether it is whole.
      return words(mail, all.octets);
    }
    var mail = small(beginning);
    var file = FileContent.of(Attachment.of(name(mail) + ".eml", MEDIA_TYPE, beginning));
    return FileContent.fits(file) ? List.of(file) : words(mail, beginning.length);
  }

  private static String name(Optional<Mail> mail) {
    return mail.map(Mail::subject).filter(subject -> !subject.isBlank()).orElse("mail");
  }

  /** What is given where the mail is too large. */
  private static List<Content> words(Optional<Mail> mail, long octets) {
    var contents = new ArrayList<Content>();
    var name = name(mail);
    var file = Attachment.of(name + ".eml", MEDIA_TYPE, new byte[0]).filename();
    contents.add(new Text(Summary.ofFile(file, octets) + " was not delivered: too large"));
    mail.map(read -> ReadableMail.of(read).whole())
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .map(text -> FileContent.of(Attachment.of(name + ".txt", "text/plain", text)))
        .filter(FileContent::fits)
        .ifPresent(contents::add);
    return contents;
  }

  /**
   * Empty if it cannot be read: by another version of the reader it was. Its octets are what is
   * asked for.
   */
  private static Optional<Mail> small(byte[] octets) {
    try {
      return Optional.of(MailReader.read(octets));
    } catch (MailException unreadable) {
      return Optional.empty();
    }
  }

  /** Likewise; empty, too, if too much of it would be held. */
  private static Optional<Mail> large(InputStream all, BodyStore bodies) throws IOException {
    try {
      var structure = MailReader.structure(all, bodies);
      return structure.octetsToHold(0) > MOST_HELD
          ? Optional.empty()
          : Optional.of(structure.mail());
    } catch (MailException unreadable) {
      return Optional.empty();
    }
  }

  private static final class Counted extends FilterInputStream {
    private long octets;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int octet = super.read();
      octets += octet < 0 ? 0 : 1;
      return octet;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = super.read(into, offset, length);
      octets += Math.max(count, 0);
      return count;
    }
  }
}
