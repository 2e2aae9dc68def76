package io.postern.smtp;

import java.io.IOException;
import java.io.InputStream;

/** Where a spooled mail stands: its octets and all that is known about it, as they were written. */
public interface SpoolPlace {
  /** For a person who looks for it. */
  String name();

  /** Of the mail and all that is known about it, in the form of {@link SpoolFile}. */
  long octets();

  /**
   * A part of it; never all at once in memory. To be closed.
   *
   * @param from the first octet, counted from 0
   * @param to behind the last one
   * @throws java.nio.file.NoSuchFileException if the mail has left this place
   */
  InputStream open(long from, long to) throws IOException;
}
