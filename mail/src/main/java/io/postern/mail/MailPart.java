package io.postern.mail;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One node of a mail's MIME structure. RFC 2046.
 *
 * @param type its Content-Type, or the default of its parent (RFC 2046 §5.1.5)
 * @param disposition its Content-Disposition; the value is empty if there is none
 * @param body empty for a multipart
 * @param children the parts of a multipart
 */
record MailPart(
    MailHeader header,
    ParameterizedValue type,
    ParameterizedValue disposition,
    Body body,
    List<MailPart> children) {
  /** The most of a text that is read, in octets. */
  static final int MAX_TEXT = 4 << 20;

  /** The most of a machine-readable part that is read, in octets. */
  private static final int MAX_FIELDS = 256 << 10;

  static final String PLAIN = "text/plain";
  static final String HTML = "text/html";
  static final String CALENDAR = "text/calendar";
  static final String REACTION_JSON = "text/vnd.google.email-reaction+json";

  String mediaType() {
    return type.value();
  }

  boolean is(String mediaType) {
    return mediaType().equals(mediaType);
  }

  boolean isMultipart() {
    return mediaType().startsWith("multipart/");
  }

  boolean isText() {
    return mediaType().startsWith("text/");
  }

  boolean isForwardedMail() {
    return is("message/rfc822") || is("message/global") || is("message/news");
  }

  /** A file name as given, decoded but not cleaned; empty if there is none. */
  String filename() {
    var name = disposition.parameter("filename");
    return name.isBlank() ? type.parameter("name") : name;
  }

  /** Whether it is meant as a file, whatever it holds. */
  boolean isFile() {
    return disposition.value().equals("attachment") || !filename().isBlank();
  }

  /** Whether it is a text that is to be read, and no file. */
  boolean isShown() {
    return (is(PLAIN) || is(HTML)) && !isFile();
  }

  /** The same of a part that is all of its mail: that one may have the name of a file. */
  boolean isShownAlone() {
    return (is(PLAIN) || is(HTML)) && !disposition.value().equals("attachment");
  }

  boolean isReaction() {
    return disposition.value().equals("reaction") && isText();
  }

  Optional<String> contentId() {
    return header
        .first("Content-ID")
        .map(id -> id.strip().replaceAll("^<|>$", ""))
        .filter(id -> !id.isEmpty());
  }

  /** The body in memory. */
  byte[] octets() {
    return body.octets();
  }

  /**
   * The text, cut at its limit: charset decoded, LF line ends, controls gone, flowed paragraphs
   * joined.
   */
  String text() {
    var text =
        SafeText.lines(TextDecoder.decode(body.beginning(MAX_TEXT), type.parameter("charset")));
    boolean flowed = type.parameter("format").toLowerCase(Locale.ROOT).equals("flowed");
    if (is(PLAIN) && flowed) {
      boolean deleteSpace = type.parameter("delsp").toLowerCase(Locale.ROOT).equals("yes");
      text = FlowedText.read(text, deleteSpace);
    }
    return text;
  }

  /**
   * The body of a machine-readable part, which is ASCII but for what breaks the rule; cut at its
   * limit.
   */
  String fields() {
    return TextDecoder.decode(body.beginning(MAX_FIELDS), StandardCharsets.UTF_8.name());
  }

  /** This part and all below it, depth first. */
  Stream<MailPart> all() {
    return Stream.concat(Stream.of(this), children.stream().flatMap(MailPart::all));
  }
}
