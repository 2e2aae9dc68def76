package io.postern.mail;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One file of a mail.
 *
 * @param filename cleaned: no path, no controls, at most 150 octets; never empty
 * @param mediaType {@code type/subtype}, lower-case, for a calendar followed by its method; {@code
 *     application/octet-stream} if what was given is no media type
 * @param contentId by which the HTML of the same mail refers to it, without angle brackets
 * @param inline whether it is meant to be shown in the mail rather than beside it
 * @param body decoded
 */
public record Attachment(
    String filename, String mediaType, Optional<String> contentId, boolean inline, Body body) {
  private static final Pattern METHOD = Pattern.compile("(?i)\\s*;\\s*method=([A-Za-z-]{1,20})");

  public Attachment {
    filename = FileName.clean(filename, "file");
    mediaType = cleanType(mediaType);
    Objects.requireNonNull(contentId, "contentId");
    Objects.requireNonNull(body, "body");
  }

  /** Of octets in memory, which are copied. */
  public Attachment(
      String filename,
      String mediaType,
      Optional<String> contentId,
      boolean inline,
      byte[] octets) {
    this(filename, mediaType, contentId, inline, Body.of(octets.clone()));
  }

  /** A file to be shown beside the mail. */
  public static Attachment of(String filename, String mediaType, byte[] octets) {
    return new Attachment(filename, mediaType, Optional.empty(), false, octets);
  }

  /** The same under another name. */
  Attachment named(String name) {
    return new Attachment(name, mediaType, contentId, inline, body);
  }

  /** The whole file in memory, where it is not yet: see {@link Body#octets}. */
  public byte[] octets() {
    return body.octets();
  }

  /** How many octets it has, without copying them. */
  public int size() {
    return body.size();
  }

  /** SHA-256 of its octets in lower-case hex: files of one digest hold the same. */
  public String digest() {
    return body.digest();
  }

  /** The media type without parameters. */
  public String baseType() {
    int semicolon = mediaType.indexOf(';');
    return semicolon < 0 ? mediaType : mediaType.substring(0, semicolon);
  }

  private static String cleanType(String given) {
    int semicolon = given.indexOf(';');
    var type =
        (semicolon < 0 ? given : given.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    int slash = type.indexOf('/');
    boolean valid =
        slash > 0
            && type.length() <= 127
            && ParameterizedValue.isToken(type.substring(0, slash))
            && ParameterizedValue.isToken(type.substring(slash + 1));
    if (!valid) {
      return FileType.OCTET_STREAM;
    }
    var method = METHOD.matcher(semicolon < 0 ? "" : given.substring(semicolon));
    return type.equals("text/calendar") && method.matches()
        ? type + "; method=" + method.group(1).toUpperCase(Locale.ROOT)
        : type;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attachment file
        && file.filename.equals(filename)
        && file.mediaType.equals(mediaType)
        && file.contentId.equals(contentId)
        && file.inline == inline
        && file.size() == size()
        && (file.body == body || file.digest().equals(digest()));
  }

  @Override
  public int hashCode() {
    return Objects.hash(filename, mediaType, contentId, inline, size());
  }

  /** Never the content. */
  @Override
  public String toString() {
    return "Attachment[" + mediaType + ", " + size() + " octets]";
  }
}
