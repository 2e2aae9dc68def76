package io.postern.mail;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
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
 * @param octets decoded; copied in and out
 */
public record Attachment(
    String filename, String mediaType, Optional<String> contentId, boolean inline, byte[] octets) {
  private static final Pattern METHOD = Pattern.compile("(?i)\\s*;\\s*method=([A-Za-z-]{1,20})");

  public Attachment {
    filename = FileName.clean(filename, "file");
    mediaType = cleanType(mediaType);
    Objects.requireNonNull(contentId, "contentId");
    octets = octets.clone();
  }

  /** A file to be shown beside the mail. */
  public static Attachment of(String filename, String mediaType, byte[] octets) {
    return new Attachment(filename, mediaType, Optional.empty(), false, octets);
  }

  /** The same under another name. */
  Attachment named(String name) {
    return new Attachment(name, mediaType, contentId, inline, octets);
  }

  @Override
  public byte[] octets() {
    return octets.clone();
  }

  /** How many octets it has, without copying them. */
  public int size() {
    return octets.length;
  }

  /** SHA-256 of its octets in lower-case hex: files of one digest hold the same. */
  public String digest() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java platform has SHA-256", missing);
    }
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
        && Arrays.equals(file.octets, octets);
  }

  @Override
  public int hashCode() {
    return Objects.hash(filename, mediaType, contentId, inline, Arrays.hashCode(octets));
  }

  /** Never the content. */
  @Override
  public String toString() {
    return "Attachment[" + mediaType + ", " + octets.length + " octets]";
  }
}
