package io.postern.smtp;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of the spool, or what stands in its table, that is not what the spool wrote there: cut
 * short, altered or foreign.
 */
public final class DamagedFileException extends IOException {
  DamagedFileException(Path file, String what) {
    this(file.getFileName().toString(), what);
  }

  DamagedFileException(String name, String what) {
    super(name + ": " + what);
  }
}
