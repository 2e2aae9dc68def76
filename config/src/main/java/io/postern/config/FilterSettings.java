package io.postern.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Another program that is asked about each mail at the end of DATA.
 *
 * @param timeout how long it may take
 * @param onFailure what becomes of a mail about which it cannot be asked
 */
public record FilterSettings(Program program, Duration timeout, OnFailure onFailure) {
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration SHORTEST = Duration.ofSeconds(1);

  /** RFC 5321 §4.5.3.2.6: clients wait ten minutes. */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** How it is asked. */
  public sealed interface Program {}

  /**
   * By HTTP, as rspamd's proxies and mail servers do.
   *
   * @param url for example {@code http://127.0.0.1:11333/checkv2}
   */
  public record Rspamd(URI url) implements Program {
    public Rspamd {
      Objects.requireNonNull(url, "url");
    }
  }

  /**
   * By running it, once for each mail.
   *
   * @param words the program and its arguments; no shell comes between
   */
  public record Command(List<String> words) implements Program {
    public Command {
      words = List.copyOf(words);
      if (words.isEmpty()) {
        throw new IllegalArgumentException("filter.command names no program; write its path");
      }
    }
  }

  /** What becomes of a mail about which nobody can be asked. */
  public enum OnFailure {
    /** It goes on as if there were no filter. */
    ACCEPT,
    /** Its client is told to come again. */
    DEFER
  }

  /**
   * @throws IllegalArgumentException if the time is out of its range; the message names the key
   */
  public FilterSettings {
    Objects.requireNonNull(program, "program");
    Objects.requireNonNull(onFailure, "onFailure");
    if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "filter.timeout is " + timeout.toMillis() + "ms; write 1s to 5m");
    }
  }

  /** With what holds where the file says nothing. */
  public static FilterSettings of(Program program) {
    return new FilterSettings(program, DEFAULT_TIMEOUT, OnFailure.DEFER);
  }

  public FilterSettings withTimeout(Duration time) {
    return new FilterSettings(program, time, onFailure);
  }

  public FilterSettings withOnFailure(OnFailure then) {
    return new FilterSettings(program, timeout, then);
  }
}
