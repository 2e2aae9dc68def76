package io.postern.config;

import java.nio.file.Path;

/**
 * The database of the bridge: the setting {@code store}.
 *
 * @param url of JDBC, for H2
 */
public record StoreSettings(String url) {
  private static final String H2_FILE = "jdbc:h2:file:";

  /**
   * @throws IllegalArgumentException if it is not a database that keeps its state
   */
  public StoreSettings {
    if (url.startsWith("jdbc:postgresql:")) {
      throw new IllegalArgumentException(
          "store.url names PostgreSQL, which is not yet available; write jdbc:h2:file:./data/postern");
    }
    if (!url.startsWith(H2_FILE) || url.length() == H2_FILE.length()) {
      throw new IllegalArgumentException(
          "store.url names no file of H2; write jdbc:h2:file:./data/postern");
    }
  }

  /** The database in the data folder. */
  static StoreSettings in(Path data) {
    // H2 takes a relative path only if it says that it is one.
    var folder = data.isAbsolute() ? data.toString() : "./" + data.normalize();
    return new StoreSettings(H2_FILE + folder + "/postern");
  }
}
