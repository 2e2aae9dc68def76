package io.postern.mapping;

import java.time.Instant;

/**
 * The whole of a mail that became messages, in a file of its own.
 *
 * @param spoolId of the mail
 * @param fileName random; names nothing of the mail
 * @param fileOctets of the file as it lies on the disk
 */
public record KeptMail(String spoolId, String fileName, long fileOctets, Instant keptAt) {
  /**
   * @throws IllegalArgumentException if the file's name is none that we make: it becomes a path
   */
  public KeptMail {
    if (!fileName.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException("a kept mail's file has a name of 32 hex digits");
    }
  }
}
