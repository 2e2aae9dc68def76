package io.postern.bench;

import io.postern.bench.GrowthChart.Curve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws the tables of {@code docs/performance.md} that tell how something grows into {@code
 * docs/pictures}, so that a picture says what its table says. Run in the project's folder after a
 * table has changed.
 */
public final class Pictures {
  /** Below {@code docs}. */
  static final Path PAGE = Path.of("performance.md");

  static final Path FOLDER = Path.of("pictures");

  private static final Source SCALE = new Source("### Many inboxes", "The store has", false);
  private static final Source FILE = new Source("### The node's file", "Messages", false);
  private static final Source GROUP = new Source("### The parts (JMH)", "In a group of", true);

  private static final List<Picture> ALL =
      List.of(
          new Picture(
              "scale-message.svg",
              SCALE,
              "What a message costs beside many inboxes",
              "inboxes in the store",
              "ms",
              List.of("a message sent", "received")),
          new Picture(
              "scale-start.svg",
              SCALE,
              "How long a start takes with many inboxes",
              "inboxes in the store",
              "s",
              List.of("start to serving", "all followed")),
          new Picture(
              "scale-heap.svg",
              SCALE,
              "Heap of daemon and node with many inboxes",
              "inboxes in the store",
              "MB",
              List.of("heap after a full collection")),
          new Picture(
              "node-file.svg",
              FILE,
              "What a message takes of the node's file",
              "messages in the file",
              "octets",
              List.of("each, before", "each, now")),
          new Picture(
              "group-messages.svg",
              GROUP,
              "Messages, and what is saved, by the size of the group",
              "members",
              "µs",
              List.of(
                  "encrypt 200 octets",
                  "encrypt and decrypt them",
                  "ratchets as octets",
                  "epoch as octets")),
          new Picture(
              "group-commits.svg",
              GROUP,
              "Commits and welcomes, by the size of the group",
              "members",
              "µs",
              List.of(
                  "commit that renews keys, made",
                  "commit that renews keys, checked",
                  "commit that adds one, with welcome",
                  "commit that adds one, checked",
                  "joining by a welcome, tree checked")));

  private Pictures() {}

  /**
   * Where a table stands.
   *
   * @param turned whether its columns are numbers of things
   */
  private record Source(String heading, String firstCell, boolean turned) {
    MarkdownTable in(String page) throws BenchException {
      var table = MarkdownTable.find(page, heading, firstCell);
      return turned ? table.turned() : table;
    }
  }

  /** What is shown of a table. Sizes of a group differ so much that they are shown by tens. */
  private record Picture(
      String file, Source source, String title, String across, String unit, List<String> columns) {
    String drawn(String page) throws BenchException {
      var table = source.in(page);
      var curves = new ArrayList<Curve>();
      for (var column : columns) {
        curves.add(table.curve(column, unit));
      }
      return new GrowthChart(title, across, unit, source.turned(), curves).svg();
    }
  }

  /**
   * The pictures of a page, by the names of their files.
   *
   * @throws BenchException if a table, or a figure in it, is not as it is drawn
   */
  static Map<String, String> of(String page) throws BenchException {
    var pictures = new LinkedHashMap<String, String>();
    for (var picture : ALL) {
      pictures.put(picture.file(), picture.drawn(page));
    }
    return pictures;
  }

  public static void main(String[] arguments) throws IOException, BenchException {
    var docs = Path.of("docs");
    var folder = Files.createDirectories(docs.resolve(FOLDER));
    for (var picture : of(Files.readString(docs.resolve(PAGE))).entrySet()) {
      Files.writeString(folder.resolve(picture.getKey()), picture.getValue());
      System.out.println(folder.resolve(picture.getKey()));
    }
  }
}
