package io.postern.mapping;

import io.postern.mail.Attachment;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Summary;
import io.postern.xmtp.content.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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

  /** A mail as final delivery hands it on. */
  public interface Source {
    /** From its first octet; to be closed. */
    InputStream open() throws IOException;
  }

  /**
   * The mail as a file. Where that is too large for a message, all its words as a file, and that it
   * was too large; then it is not held in memory.
   *
   * @return at least one
   */
  public static List<Content> contents(Source source) throws IOException {
    long size = size(source);
    var mail = read(source);
    var name = mail.map(Mail::subject).filter(subject -> !subject.isBlank()).orElse("mail");
    byte[] octets = {};
    if (size <= ContentCodec.MAX_ENCODED_BYTES) {
      try (var in = source.open()) {
        octets = in.readAllBytes();
      }
    }
    var whole = Attachment.of(name + ".eml", MEDIA_TYPE, octets);
    if (octets.length == size && fits(file(whole))) {
      return List.of(file(whole));
    }
    var contents = new ArrayList<Content>();
    var line = Summary.ofFile(whole.filename(), size);
    contents.add(new Text(line + " was not delivered: too large"));
    mail.map(read -> ReadableMail.of(read).whole())
        .map(
            text ->
                file(
                    Attachment.of(
                        name + ".txt", "text/plain", text.getBytes(StandardCharsets.UTF_8))))
        .filter(WholeMail::fits)
        .ifPresent(contents::add);
    return contents;
  }

  private static long size(Source source) throws IOException {
    try (var in = source.open()) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static Optional<Mail> read(Source source) throws IOException {
    try (var in = source.open()) {
      return Optional.of(MailReader.readTexts(in));
    } catch (MailException unreadable) {
      // By another version of the reader it was read. Its octets are what is asked for.
      return Optional.empty();
    }
  }

  private static Content file(Attachment file) {
    return io.postern.xmtp.content.Attachment.of(file.filename(), file.mediaType(), file.octets());
  }

  private static boolean fits(Content content) {
    try {
      ContentCodec.encode(content);
      return true;
    } catch (ContentException tooLarge) {
      return false;
    }
  }
}
