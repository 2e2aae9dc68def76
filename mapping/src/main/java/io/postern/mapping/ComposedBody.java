package io.postern.mapping;

import io.postern.mail.Attachment;
import io.postern.mail.Draft;
import io.postern.xmtp.content.Octets;
import io.postern.xmtp.content.Summary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The body of a mail while it is made from lines: paragraphs in their order, then what could not be
 * carried, then the files. spec/content-types.md §10.5.
 */
final class ComposedBody {
  /** UTF-16 units that a mail shows; a longer text is a file beside its beginning. */
  static final int MAX_TEXT = 200_000;

  /** More files than this are named, not carried: readers bound the parts of a mail. */
  static final int MAX_FILES = 100;

  private static final int SHOWN_OF_LONG_TEXT = 10_000;
  private static final String LONG_TEXT = "message.txt";

  /** What a file takes in base64 with its line ends. */
  private static final double BASE64 = 1.37;

  /** What text may take for each octet: as it is and as HTML, both in quoted-printable. */
  private static final int TEXT_GROWTH = 8;

  /** Header fields, and the header of each part. */
  private static final int HEADER_OCTETS = 50_000;

  private static final int PART_HEADER_OCTETS = 1_000;

  private final List<String> paragraphs = new ArrayList<>();
  private final List<PendingFile> files = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean plain;

  /** A file, and the words in its place if the mail has no room for it. */
  private record PendingFile(String name, String mediaType, Octets octets, String instead) {
    double octetsInMail() {
      return octets.length() * BASE64 + PART_HEADER_OCTETS;
    }
  }

  /** What came of it. */
  record Finished(Draft.Body body, List<Attachment> files) {
    Finished {
      files = List.copyOf(files);
    }
  }

  /** What the peer said. */
  void said(String text, boolean markdown) {
    paragraphs.add(text);
    plain |= !markdown;
  }

  /** A line of ours about a file that cannot be carried. */
  void note(String line) {
    notes.add(line);
  }

  /**
   * @param instead the line in its place if it is too large for the mail
   */
  void file(String name, String mediaType, Octets octets, String instead) {
    files.add(new PendingFile(name, mediaType, octets, instead));
  }

  /** The body and the files that fit beside it into a mail of so many octets. */
  Finished finish(Optional<Draft.Quote> quote, long maxMailOctets) {
    var text = String.join("\n\n", paragraphs);
    if (text.length() > MAX_TEXT) {
      var whole = Octets.of(text.getBytes(StandardCharsets.UTF_8));
      files.add(0, new PendingFile(LONG_TEXT, "text/plain", whole, instead(LONG_TEXT, whole)));
      text = beginning(text) + "\n… (continues in " + LONG_TEXT + ")";
      plain = true;
    }
    int textOctets = text.getBytes(StandardCharsets.UTF_8).length;
    double room = maxMailOctets - HEADER_OCTETS - (double) TEXT_GROWTH * textOctets;
    var attached = new ArrayList<Attachment>();
    for (var file : files) {
      if (file.octetsInMail() <= room && attached.size() < MAX_FILES) {
        room -= file.octetsInMail();
        attached.add(Attachment.of(file.name(), file.mediaType(), file.octets().toByteArray()));
      } else {
        notes.add(file.instead());
      }
    }
    if (!notes.isEmpty()) {
      plain = true;
      text = (text.isEmpty() ? "" : text + "\n\n") + String.join("\n", notes);
    }
    // One form for the whole mail: Markdown among plain text is shown as it was typed.
    boolean markdown = !plain && !paragraphs.isEmpty();
    return new Finished(
        markdown ? new Draft.Markdown(text, quote) : new Draft.Text(text, quote), attached);
  }

  /** The line in place of a file that no mail can carry. */
  static String instead(String name, Octets octets) {
    var file = new io.postern.xmtp.content.Attachment(Optional.of(name), "text/plain", octets);
    return Summary.of(file).orElse("📎 " + name) + " is too large for mail";
  }

  private static String beginning(String text) {
    int end = text.offsetByCodePoints(0, SHOWN_OF_LONG_TEXT);
    return text.substring(0, end);
  }
}
