package io.postern.bridge.web;

import java.nio.file.Path;

/** Makes backups while the daemon runs. May be used by several threads. */
public interface Backups {
  /**
   * Begins one, unless another is being made.
   *
   * @param file where it shall be; absolute
   * @return what there is to say, as {@link #progress}
   */
  String begin(Path file);

  /** How the last one goes, in a line. */
  String progress();
}
