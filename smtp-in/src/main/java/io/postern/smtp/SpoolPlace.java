package io.postern.smtp;

import java.nio.file.Path;

/**
 * Where a spooled mail stands: a file of its own, or a part of one that several share.
 *
 * @param offset of its first octet in the file
 * @param octets of the mail and all that is known about it, in the form of {@link SpoolFile}
 */
record SpoolPlace(Path path, long offset, long octets) {
  SpoolPlace {
    if (offset < 0 || octets < 0) {
      throw new IllegalArgumentException("no place in a file: " + offset + ", " + octets);
    }
  }
}
