package io.postern.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A table of a page in Markdown, with figures in it: a row for each number of things, in whose
 * first cell that number comes first, and a column for each thing that was measured.
 *
 * @param heading that it stands below
 * @param rows each as long as the first, which names the columns
 */
record MarkdownTable(String heading, List<List<String>> rows) {
  private static final String WHOLE = "(?:\\d{1,3}(?:,\\d{3}){1,4}|\\d{1,15})";
  private static final String NUMBER = WHOLE + "(?:\\.\\d{1,9})?";
  private static final Pattern COUNT = Pattern.compile("(" + WHOLE + ")(?: [^,]*)?(?:, (.*))?");
  private static final Pattern FIGURES =
      Pattern.compile("(" + NUMBER + "(?:, " + NUMBER + ")*)(?: (.*))?");

  MarkdownTable {
    rows = rows.stream().map(List::copyOf).toList();
  }

  /**
   * The first table below a heading whose first cell says this.
   *
   * @throws BenchException if there is none
   */
  static MarkdownTable find(String page, String heading, String firstCell) throws BenchException {
    var lines = page.lines().toList();
    int at = lines.indexOf(heading);
    if (at < 0) {
      throw new BenchException("no line of the page is \"" + heading + "\"");
    }
    for (int i = at + 1; i < lines.size() && !lines.get(i).startsWith("#"); i++) {
      if (cells(lines.get(i)).get(0).equals(firstCell)) {
        return read(heading, lines.subList(i, lines.size()));
      }
    }
    throw new BenchException(
        "below \"" + heading + "\" stands no table that begins with \"" + firstCell + "\"");
  }

  private static MarkdownTable read(String heading, List<String> lines) throws BenchException {
    var rows = new ArrayList<List<String>>();
    for (var line : lines) {
      if (!line.startsWith("|")) {
        break;
      }
      if (!line.startsWith("| ---")) {
        rows.add(cells(line));
      }
    }
    int width = rows.get(0).size();
    if (rows.stream().anyMatch(row -> row.size() != width)) {
      throw new BenchException(
          "below \"" + heading + "\" a row has not " + width + " cells like the first");
    }
    return new MarkdownTable(heading, rows);
  }

  /** No figure of ours has a bar in it. */
  private static List<String> cells(String line) {
    var inner = line.replaceAll("^\\|", "").replaceAll("\\|$", "");
    return Arrays.stream(inner.split("\\|", -1)).map(String::strip).toList();
  }

  /** With a row for each of its columns. */
  MarkdownTable turned() {
    var turned = new ArrayList<List<String>>();
    for (int column = 0; column < rows.get(0).size(); column++) {
      int of = column;
      turned.add(rows.stream().map(row -> row.get(of)).toList());
    }
    return new MarkdownTable(heading, turned);
  }

  /**
   * What a column says of each number of things; an empty cell says nothing. A row that says more
   * than the number ({@code 10 inboxes, 1,000 messages}) is an aside.
   *
   * @param unit of all its figures, unless they name none
   * @throws BenchException if there is no such column, or a cell holds something else
   */
  GrowthChart.Curve curve(String column, String unit) throws BenchException {
    int of = rows.get(0).indexOf(column);
    if (of < 0) {
      throw new BenchException("the table below \"" + heading + "\" has no \"" + column + "\"");
    }
    var points = new ArrayList<GrowthChart.Point>();
    var aside = Optional.<GrowthChart.Aside>empty();
    for (var row : rows.subList(1, rows.size())) {
      if (row.get(of).isEmpty()) {
        continue;
      }
      var count = COUNT.matcher(row.get(0));
      var figures = FIGURES.matcher(row.get(of));
      if (!count.matches() || !figures.matches()) {
        throw new BenchException(
            "below \"" + heading + "\" no figure is read in " + row.get(0) + " | " + row.get(of));
      }
      if (figures.group(2) != null && !figures.group(2).equals(unit)) {
        throw new BenchException("below \"" + heading + "\" write in " + unit + ": " + row.get(of));
      }
      var point =
          new GrowthChart.Point(Long.parseLong(plain(count.group(1))), numbers(figures.group(1)));
      if (count.group(2) == null) {
        points.add(point);
      } else if (aside.isPresent()) {
        throw new BenchException("below \"" + heading + "\" only one row can be an aside");
      } else {
        aside = Optional.of(new GrowthChart.Aside(count.group(2), point));
      }
    }
    return new GrowthChart.Curve(column, points, aside);
  }

  private static List<Double> numbers(String figures) {
    return Arrays.stream(figures.split(", "))
        .map(MarkdownTable::plain)
        .map(Double::valueOf)
        .toList();
  }

  private static String plain(String number) {
    return number.replace(",", "");
  }
}
