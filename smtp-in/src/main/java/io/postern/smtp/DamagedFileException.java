package io.postern.smtp;

import java.io.IOException;
import java.nio.file.Path;

/** A file of the spool that is not what the spool wrote there: cut short, altered or foreign. */
public final class DamagedFileException extends IOException {
  DamagedFileException(Path file, String what) {
    super(file.getFileName() + ": " + what);
  }
}
