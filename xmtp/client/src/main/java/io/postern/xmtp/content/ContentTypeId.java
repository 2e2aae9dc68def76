package io.postern.xmtp.content;

import java.util.Objects;

/**
 * The name of a content type, printed {@code authority/type:major.minor}, as in {@code
 * xmtp.org/text:1.0}. XIP-5, §1.3.
 *
 * <p>Who reads a message looks at {@code typeId} and {@code versionMajor} only (§1.5); a foreign
 * authority or a newer minor version does not make a text unreadable.
 *
 * @param authorityId who defined the type: a domain or an ENS name
 * @param typeId the type's name; may hold a slash ({@code application/x-protobuf})
 * @param versionMajor an unsigned 32-bit number
 * @param versionMinor an unsigned 32-bit number
 */
public record ContentTypeId(String authorityId, String typeId, int versionMajor, int versionMinor) {
  public ContentTypeId {
    Objects.requireNonNull(authorityId, "authorityId");
    Objects.requireNonNull(typeId, "typeId");
  }

  /** A type of XMTP's own. */
  static ContentTypeId xmtp(String typeId, int versionMajor) {
    return new ContentTypeId("xmtp.org", typeId, versionMajor, 0);
  }

  /** A type of Coinbase's: actions and intent. */
  static ContentTypeId coinbase(String typeId) {
    return new ContentTypeId("coinbase.com", typeId, 1, 0);
  }

  /**
   * Reads what {@link #toString} prints.
   *
   * @throws ContentException if there is no authority, no type, or no version of two numbers
   */
  public static ContentTypeId parse(String printed) throws ContentException {
    int slash = printed.indexOf('/');
    int colon = printed.lastIndexOf(':');
    int dot = printed.indexOf('.', colon + 1);
    if (slash < 1 || colon < slash + 2 || dot < 0) {
      throw new ContentException("expected authority/type:major.minor as content type");
    }
    return new ContentTypeId(
        printed.substring(0, slash),
        printed.substring(slash + 1, colon),
        version(printed.substring(colon + 1, dot)),
        version(printed.substring(dot + 1)));
  }

  private static int version(String digits) throws ContentException {
    if (!digits.matches("[0-9]{1,10}") || Long.parseLong(digits) > 0xffff_ffffL) {
      throw new ContentException("expected a version from 0 to 4294967295 in a content type");
    }
    return Integer.parseUnsignedInt(digits);
  }

  @Override
  public String toString() {
    return authorityId
        + "/"
        + typeId
        + ":"
        + Integer.toUnsignedString(versionMajor)
        + "."
        + Integer.toUnsignedString(versionMinor);
  }
}
