package io.postern.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * How something grows, as a small picture (SVG): to the right the number of things, each step ten
 * times the last; upwards the figures, from zero, or by tens as well. It follows the reader's light
 * or dark colours.
 *
 * @param across what is counted
 * @param unit of the figures
 * @param byTens whether the figures, too, are shown by tens; then each is more than zero
 */
record GrowthChart(String title, String across, String unit, boolean byTens, List<Curve> curves) {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 300;
  private static final int LEFT = 64;
  private static final int RIGHT = 270;
  private static final int TOP = 56;
  private static final int BOTTOM = 48;
  private static final int GAP = 8;
  private static final int LINE_HEIGHT = 14;
  private static final int COUNT_WIDTH = 46;
  private static final int LINES = 5;

  /** Each is told from the others without its colour, too: by the label at its end. */
  private static final String STYLE =
      """
      <style>
      text{font:12px sans-serif;fill:#24292f}.title{font-size:14px}
      .paper{fill:#fff}.grid{stroke:#d0d7de}.curve,.aside{fill:none;stroke-width:2}
      .c0{--c:#0b5cad}.c1{--c:#b04a00}.c2{--c:#1a7f37}.c3{--c:#8250df}.c4{--c:#bf3989}
      .curve,.aside,.lead{stroke:var(--c)}.lead{stroke-dasharray:1 3}.dot,.name{fill:var(--c)}
      @media(prefers-color-scheme:dark){
      text{fill:#e6edf3}.paper{fill:#0d1117}.grid{stroke:#30363d}
      .c0{--c:#6cb6ff}.c1{--c:#f0883e}.c2{--c:#56d364}.c3{--c:#d2a8ff}.c4{--c:#ff9bce}}
      </style>
      """;

  private static final int COLOURS = 5;

  GrowthChart {
    curves = List.copyOf(curves);
    if (curves.isEmpty() || curves.size() > COLOURS) {
      throw new IllegalArgumentException(
          "a picture has 1 to " + COLOURS + " curves, not " + curves.size());
    }
    if (byTens && figures(curves).anyMatch(figure -> figure <= 0)) {
      throw new IllegalArgumentException("by tens no figure can be shown that is not above zero");
    }
  }

  /**
   * What was measured with so many things.
   *
   * @param count at least 1
   * @param figures one for each run
   */
  record Point(long count, List<Double> figures) {
    Point {
      figures = List.copyOf(figures);
      if (count < 1 || figures.isEmpty()) {
        throw new IllegalArgumentException("nothing was measured with " + count);
      }
    }

    double mean() {
      return figures.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
  }

  /** A point beside its curve: measured with something more. */
  record Aside(String name, Point point) {}

  /** Points by ascending count, joined by a line through their means. */
  record Curve(String name, List<Point> points, Optional<Aside> aside) {
    Curve {
      points = points.stream().sorted(Comparator.comparingLong(Point::count)).toList();
      if (points.isEmpty()) {
        throw new IllegalArgumentException(name + " has no point");
      }
    }

    private Stream<Point> all() {
      return Stream.concat(points.stream(), aside.stream().map(Aside::point));
    }

    private Point last() {
      return points.get(points.size() - 1);
    }
  }

  /** Words beside a point, and where they would like to stand. */
  private record Label(int colour, String words, double fromX, double fromY) {}

  String svg() {
    var counts = new TreeSet<Long>();
    curves.forEach(curve -> curve.all().forEach(point -> counts.add(point.count())));
    var lines = lines();
    var paper =
        new Paper(counts.first(), counts.last(), lines.get(0), lines.get(lines.size() - 1), byTens);
    var svg = new StringBuilder();
    svg.append(
        line(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %1$d %2$d' width='%1$d'"
                + " height='%2$d' role='img'>",
            WIDTH, HEIGHT));
    svg.append(line("<title>%s</title>", escaped(title))).append(STYLE);
    svg.append(line("<rect class='paper' width='%d' height='%d'/>", WIDTH, HEIGHT));
    svg.append(line("<text class='title' x='%d' y='20'>%s</text>", GAP, escaped(title)));
    svg.append(
        line(
            "<text x='%d' y='%d' text-anchor='end'>%s</text>",
            LEFT - GAP, TOP - LINE_HEIGHT, escaped(unit)));
    svg.append(
        line(
            "<text x='%d' y='%d' text-anchor='middle'>%s</text>",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - GAP, escaped(across)));
    for (double figure : lines) {
      svg.append(
          line(
              "<path class='grid' d='M%d %.1fH%d'/><text x='%d' y='%.1f' text-anchor='end'>%s"
                  + "</text>",
              LEFT,
              paper.y(figure),
              WIDTH - RIGHT,
              LEFT - GAP,
              paper.y(figure) + GAP / 2.0,
              number(figure)));
    }
    double free = 0;
    for (long count : counts) {
      if (paper.x(count) >= free) {
        svg.append(
            line(
                "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>",
                paper.x(count), HEIGHT - BOTTOM + LINE_HEIGHT + GAP / 2, number(count)));
        free = paper.x(count) + COUNT_WIDTH;
      }
    }
    var labels = new ArrayList<Label>();
    for (int i = 0; i < curves.size(); i++) {
      svg.append(drawn(i, paper, labels));
    }
    return svg.append(written(labels)).append("</svg>\n").toString();
  }

  private String drawn(int colour, Paper paper, List<Label> labels) {
    var curve = curves.get(colour);
    var path = new StringBuilder();
    var dots = new StringBuilder();
    for (var point : curve.points()) {
      double x = paper.x(point.count());
      path.append(path.isEmpty() ? "M" : "L").append(place(x, paper.y(point.mean())));
      for (double figure : point.figures()) {
        dots.append(line("<circle class='dot' cx='%.1f' cy='%.1f' r='3'/>", x, paper.y(figure)));
      }
    }
    labels.add(label(colour, curve.name(), curve.last(), paper));
    curve
        .aside()
        .ifPresent(
            aside -> {
              labels.add(label(colour, curve.name() + ", " + aside.name(), aside.point(), paper));
              for (double figure : aside.point().figures()) {
                dots.append(
                    line(
                        "<circle class='aside' cx='%.1f' cy='%.1f' r='4'/>",
                        paper.x(aside.point().count()), paper.y(figure)));
              }
            });
    return line("<g class='c%d'><path class='curve' d='%s'/>", colour, path) + dots + "</g>\n";
  }

  private static Label label(int colour, String words, Point point, Paper paper) {
    return new Label(colour, words, paper.x(point.count()), paper.y(point.mean()));
  }

  /** At the right edge, each at the height of its point or as little below as others leave. */
  private static String written(List<Label> labels) {
    var sorted = new ArrayList<>(labels);
    sorted.sort(Comparator.comparingDouble(Label::fromY));
    var svg = new StringBuilder();
    int x = WIDTH - RIGHT + LINE_HEIGHT;
    double free = 0;
    for (int i = 0; i < sorted.size(); i++) {
      var label = sorted.get(i);
      double lowest = HEIGHT - GAP - (double) LINE_HEIGHT * (sorted.size() - 1 - i);
      double y = Math.min(Math.max(label.fromY() + GAP / 2.0, free), lowest);
      free = y + LINE_HEIGHT;
      svg.append(
          line(
              "<g class='c%d'><path class='lead' d='M%sL%s'/><text class='name' x='%d' y='%.1f'>%s"
                  + "</text></g>",
              label.colour(),
              place(label.fromX() + GAP / 2.0, label.fromY()),
              place(x - GAP / 2.0, y - GAP / 2.0),
              x,
              y,
              escaped(label.words())));
    }
    return svg.toString();
  }

  private static Stream<Double> figures(List<Curve> curves) {
    return curves.stream().flatMap(Curve::all).flatMap(point -> point.figures().stream());
  }

  /** The figures at which a line goes across, the first at the bottom, the last at the top. */
  private List<Double> lines() {
    var sorted = figures(curves).sorted().toList();
    double highest = sorted.get(sorted.size() - 1);
    var lines = new ArrayList<Double>();
    if (byTens) {
      double line = StrictMath.pow(10, Math.floor(StrictMath.log10(sorted.get(0))));
      for (; lines.isEmpty() || lines.get(lines.size() - 1) < highest; line *= 10) {
        lines.add(line);
      }
    } else {
      double ten = StrictMath.pow(10, Math.floor(StrictMath.log10(highest / LINES)));
      double step =
          Stream.of(1, 2, 5, 10)
              .map(times -> times * ten)
              .filter(wide -> wide * LINES >= highest)
              .findFirst()
              .orElseThrow();
      for (int i = 0; lines.isEmpty() || lines.get(lines.size() - 1) < highest; i++) {
        lines.add(step * i);
      }
    }
    return lines;
  }

  /** Where things are on the paper. */
  private record Paper(long fewest, long most, double lowest, double highest, boolean byTens) {
    double x(long count) {
      return LEFT + GAP + along(count, fewest, most, true) * (WIDTH - LEFT - RIGHT - 2 * GAP);
    }

    double y(double figure) {
      return HEIGHT - BOTTOM - along(figure, lowest, highest, byTens) * (HEIGHT - TOP - BOTTOM);
    }

    private static double along(double what, double from, double to, boolean byTens) {
      if (from == to) {
        return 0;
      }
      // Strict, so that the picture is the same to the letter on each machine.
      return byTens
          ? StrictMath.log(what / from) / StrictMath.log(to / from)
          : (what - from) / (to - from);
    }
  }

  private static String place(double x, double y) {
    return String.format(Locale.ROOT, "%.1f %.1f", x, y);
  }

  private static String number(double figure) {
    boolean whole = figure == Math.rint(figure);
    return String.format(Locale.ROOT, whole ? "%,.0f" : "%,.1f", figure);
  }

  private static String escaped(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
