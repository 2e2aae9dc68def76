package io.postern.xmtp.content;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A file name that a stranger chose, made fit to be shown, sent in a header and stored. §10.5.
 *
 * <pre>{@code
 * "../../etc/passwd"        passwd
 * "C:\\temp\\a.txt"           a.txt
 * "cv\u202efdp.exe"         cvfdp.exe
 * ".."                      file
 * }</pre>
 */
public final class Filename {
  /** Octets of UTF-8 that a safe name has at most. */
  public static final int MAX_BYTES = 150;

  /** The name of a file that has none, or none that is left after cleaning. */
  public static final String UNNAMED = "file";

  /** Octets up to which what follows the last dot counts as an extension and survives a cut. */
  private static final int MAX_EXTENSION_BYTES = 20;

  private Filename() {}

  /**
   * The last path component without control and direction characters and outer white space, cut to
   * {@link #MAX_BYTES} before its extension; {@link #UNNAMED} if nothing is left of it or it means
   * a folder.
   */
  public static String safe(String untrusted) {
    int slash = Math.max(untrusted.lastIndexOf('/'), untrusted.lastIndexOf('\\'));
    var kept = new StringBuilder();
    untrusted
        .substring(slash + 1)
        .codePoints()
        .filter(codePoint -> !UntrustedText.isUnsafe(codePoint))
        .forEach(kept::appendCodePoint);
    String name = cut(withoutTail(kept.toString().strip()));
    return name.isEmpty() ? UNNAMED : name;
  }

  /** As {@link #safe}; a missing name is {@link #UNNAMED}. */
  public static String safe(Optional<String> untrusted) {
    return safe(untrusted.orElse(""));
  }

  /** Windows drops dots and spaces at the end, and names of dots alone are folders everywhere. */
  private static String withoutTail(String name) {
    int end = name.length();
    while (end > 0
        && (name.charAt(end - 1) == '.' || Character.isWhitespace(name.charAt(end - 1)))) {
      end--;
    }
    return name.substring(0, end);
  }

  private static String cut(String name) {
    if (bytes(name) <= MAX_BYTES) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    String extension = dot > 0 ? name.substring(dot) : "";
    if (bytes(extension) > MAX_EXTENSION_BYTES) {
      extension = "";
    }
    int room = MAX_BYTES - bytes(extension);
    String stem = name.substring(0, name.length() - extension.length());
    int end = 0;
    while (end < stem.length()) {
      int next = stem.offsetByCodePoints(end, 1);
      room -= bytes(stem.substring(end, next));
      if (room < 0) {
        break;
      }
      end = next;
    }
    return withoutTail(stem.substring(0, end)) + extension;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
