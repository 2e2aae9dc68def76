package io.postern.bench;

import java.io.PrintStream;
import java.util.Locale;

/** A table in Markdown, each row printed when it is known. */
final class Report {
  private final PrintStream out;

  Report(PrintStream out) {
    this.out = out;
    out.println("| What | Figure | How |");
    out.println("| --- | ---: | --- |");
  }

  void row(String what, String figure, String how) {
    out.println("| " + what + " | " + figure + " | " + how + " |");
    out.flush();
  }

  /** So many a second; one digit behind the point where there are few. */
  static String perSecond(long count, long nanos) {
    double rate = count * 1e9 / nanos;
    return String.format(Locale.ROOT, rate < 100 ? "%.1f/s" : "%.0f/s", rate);
  }
}
