package io.postern.config;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used as it is: every mistake in it, not only the first. */
public final class ConfigException extends Exception {
  private final transient List<Problem> problems;

  /**
   * One mistake.
   *
   * @param line from 1; 0 if it is about the file as a whole
   * @param text which key, what was found and what to write
   */
  public record Problem(String file, int line, String text) {
    /** {@code postern.yml:12: smtp.listen is "25"; write host:port, for example …}. */
    @Override
    public String toString() {
      return (line == 0 ? file : file + ":" + line) + ": " + text;
    }
  }

  /**
   * @param problems at least one
   */
  ConfigException(List<Problem> problems) {
    super(sorted(problems).stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = sorted(problems);
  }

  /** The mistakes in the order of their lines. */
  public List<Problem> problems() {
    return problems;
  }

  private static List<Problem> sorted(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
  }
}
