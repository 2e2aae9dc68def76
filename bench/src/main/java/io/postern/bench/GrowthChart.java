package io.postern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How something grows, as a small picture (SVG): to the right the number of things, each step ten
 * times the last; upwards the figure, from zero.
 */
final class GrowthChart {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 240;
  private static final int LEFT = 60;
  private static final int RIGHT = 110;
  private static final int TOP = 30;
  private static final int BOTTOM = 30;
  private static final int LABEL_GAP = 8;
  private static final int LINES = 4;
  private static final double HEADROOM = 1.1;
  private static final List<String> COLOURS = List.of("#1f5fa8", "#c2571a", "#2b8a3e");

  private GrowthChart() {}

  /** A point of a curve; the count is at least 1. */
  record Point(double count, double figure) {}

  /** A curve. */
  record Curve(String name, List<Point> points) {}

  static void write(Path file, String title, List<Curve> curves) throws IOException {
    double most = 0;
    double fewest = Double.MAX_VALUE;
    double highest = 0;
    for (var curve : curves) {
      for (var point : curve.points()) {
        most = Math.max(most, point.count());
        fewest = Math.min(fewest, point.count());
        highest = Math.max(highest, point.figure());
      }
    }
    var scale = new Scale(fewest, most, highest * HEADROOM);
    var svg = new StringBuilder();
    svg.append(
        line(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif'"
                + " font-size='11'>",
            WIDTH, HEIGHT));
    svg.append(line("<rect width='%d' height='%d' fill='white'/>", WIDTH, HEIGHT));
    svg.append(line("<text x='%d' y='16' font-size='13'>%s</text>", LEFT, title));
    for (int i = 0; i <= LINES; i++) {
      double figure = highest * i / LINES;
      svg.append(
          line(
              "<path d='M%d %.1fH%d' stroke='#ddd'/><text x='%d' y='%.1f' text-anchor='end'>%.0f"
                  + "</text>",
              LEFT,
              scale.y(figure),
              WIDTH - RIGHT,
              LEFT - LABEL_GAP,
              scale.y(figure) + LABEL_GAP / 2.0,
              figure));
    }
    for (double count = fewest; count <= most; count *= 10) {
      svg.append(
          line(
              "<text x='%.1f' y='%d' text-anchor='middle'>%,.0f</text>",
              scale.x(count), HEIGHT - BOTTOM / 2, count));
    }
    for (int i = 0; i < curves.size(); i++) {
      svg.append(drawn(curves.get(i), COLOURS.get(i % COLOURS.size()), scale));
    }
    Files.writeString(file, svg.append("</svg>\n"));
  }

  private static String drawn(Curve curve, String colour, Scale scale) {
    var path = new StringBuilder();
    var dots = new StringBuilder();
    for (var point : curve.points()) {
      double x = scale.x(point.count());
      double y = scale.y(point.figure());
      path.append(String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x, y));
      dots.append(line("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", x, y, colour));
    }
    var last = curve.points().get(curve.points().size() - 1);
    return line("<path d='%s' fill='none' stroke='%s' stroke-width='2'/>", path, colour)
        + dots
        + line(
            "<text x='%.1f' y='%.1f' fill='%s'>%s</text>",
            scale.x(last.count()) + LABEL_GAP,
            scale.y(last.figure()) + LABEL_GAP / 2.0,
            colour,
            curve.name());
  }

  /** Where things are on the paper. */
  private record Scale(double fewest, double most, double highest) {
    double x(double count) {
      double along = most == fewest ? 0 : Math.log(count / fewest) / Math.log(most / fewest);
      return LEFT + along * (WIDTH - LEFT - RIGHT);
    }

    double y(double figure) {
      return HEIGHT - BOTTOM - figure / highest * (HEIGHT - TOP - BOTTOM);
    }
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
