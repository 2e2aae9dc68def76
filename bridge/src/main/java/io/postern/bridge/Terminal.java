package io.postern.bridge;

import java.io.Console;
import java.util.Optional;

/** A person at a terminal, to whom secrets may be shown. */
interface Terminal {
  void say(String line);

  /** What they type; empty at the end of it. */
  Optional<String> ask(String question);

  /** Takes away what stands on the screen, and what was scrolled out of it. */
  void clear();

  /** The terminal of this process; empty if its words go to a file or a program. */
  static Optional<Terminal> ofProcess() {
    return Optional.ofNullable(System.console()).filter(Terminal::isOne).map(OfProcess::new);
  }

  /** Newer runtimes have a console that is none, too, and say so. */
  private static boolean isOne(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException olderRuntime) {
      return true;
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The console. */
  record OfProcess(Console console) implements Terminal {
    /** ECMA-48: erase the scrolled lines, go to the corner, erase the screen. */
    private static final String CLEAR = "\033[3J\033[H\033[2J";

    @Override
    public void say(String line) {
      console.printf("%s%n", line);
    }

    @Override
    public Optional<String> ask(String question) {
      return Optional.ofNullable(console.readLine("%s", question));
    }

    @Override
    public void clear() {
      console.printf("%s", CLEAR);
      console.flush();
    }
  }
}
