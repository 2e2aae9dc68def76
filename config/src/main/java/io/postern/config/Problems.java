package io.postern.config;

import java.util.ArrayList;
import java.util.List;

/** The mistakes found in one file so far. Reading goes on after each, so that all are told. */
final class Problems {
  /** A file of nonsense is not answered line by line. */
  private static final int MAX_PROBLEMS = 100;

  private final String file;
  private final List<ConfigException.Problem> found = new ArrayList<>();

  /**
   * @param file its name for people
   */
  Problems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void add(int line, String text) {
    if (found.size() < MAX_PROBLEMS) {
      found.add(new ConfigException.Problem(file, line, text));
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  ConfigException exception() {
    return new ConfigException(found);
  }

  void throwIfAny() throws ConfigException {
    if (!found.isEmpty()) {
      throw exception();
    }
  }
}
