package io.postern.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class PicturesTest {
  private static final Path DOCS = Path.of("../docs");
  private static final String PAGE =
      """
      ### Many inboxes

      Words.

      | The store has | sent | heap |
      | --- | ---: | ---: |
      | 10 inboxes | 26.5 ms | |
      | 1,000 inboxes | 2.1, 2.6 ms | 27 MB |
      | 1,000 inboxes, 1,000,000 messages | 23 ms | 1,052 MB |

      ### Another
      | Of what | |
      """;

  @Test
  void picturesOfTheDocsAreThoseOfTheTables() throws Exception {
    var page = Files.readString(DOCS.resolve(Pictures.PAGE));

    var drawn = Pictures.of(page);

    assertThat(stored()).as("run io.postern.bench.Pictures").isEqualTo(drawn);
    assertThat(drawn.keySet())
        .allSatisfy(file -> assertThat(page).contains("(" + Pictures.FOLDER + "/" + file + ")"));
  }

  private static HashMap<String, String> stored() throws IOException {
    var stored = new HashMap<String, String>();
    try (var files = Files.list(DOCS.resolve(Pictures.FOLDER))) {
      for (var file : files.toList()) {
        stored.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return stored;
  }

  @Test
  void eachFigureOfATableIsAPoint() throws Exception {
    var sent = table().curve("sent", "ms");

    assertThat(sent.points()).containsExactly(point(10, 26.5), point(1_000, 2.1, 2.6));
    assertThat(sent.aside())
        .contains(new GrowthChart.Aside("1,000,000 messages", point(1_000, 23)));
  }

  @Test
  void anEmptyCellIsNoPoint() throws Exception {
    var heap = table().curve("heap", "MB");

    assertThat(heap.points()).containsExactly(point(1_000, 27));
    assertThat(heap.aside()).map(GrowthChart.Aside::point).contains(point(1_000, 1_052));
  }

  @Test
  void aTurnedTableHasARowForEachColumn() throws Exception {
    var page = "# Groups\n| Of | 2 | 50 |\n| --- | --- | --- |\n| one | 1.5 | 2 |\n| two | 3 | 4 |";

    var two = MarkdownTable.find(page, "# Groups", "Of").turned().curve("two", "µs");

    assertThat(two.points()).containsExactly(point(2, 3), point(50, 4));
  }

  @Test
  void refusesWhatThePageDoesNotHave() throws Exception {
    var table = table();

    assertThatThrownBy(() -> MarkdownTable.find(PAGE, "### Nowhere", "Of what"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("### Nowhere");
    assertThatThrownBy(() -> MarkdownTable.find(PAGE, "### Many inboxes", "Of what"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("Of what");
    assertThatThrownBy(() -> table.curve("received", "ms"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("received");
  }

  @Test
  void refusesAFigureInAnotherUnitOrNone() throws Exception {
    var table = table();
    var words =
        MarkdownTable.find(
            PAGE.replace("26.5 ms", "about 26"), "### Many inboxes", "The store has");

    assertThatThrownBy(() -> table.curve("sent", "s"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("26.5 ms");
    assertThatThrownBy(() -> words.curve("sent", "ms"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("about 26");
  }

  @Test
  void refusesARowThatIsLongerThanTheFirst() {
    assertThatThrownBy(() -> MarkdownTable.find("# T\n| a | b |\n| 1 | 2 | 3 |", "# T", "a"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("2 cells");
  }

  @Test
  void aPictureIsWellFormedWhateverItsWordsAre() throws Exception {
    var curve =
        new GrowthChart.Curve(
            "<script> & 'it'",
            List.of(point(1, 0.5), point(100, 7, 8)),
            Optional.of(new GrowthChart.Aside("<b>", point(100, 9))));

    var svg = new GrowthChart("a & b", "<i>", "]]>", false, List.of(curve)).svg();

    var read =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(read.getElementsByTagName("circle").getLength()).isEqualTo(4);
    assertThat(read.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("a & b");
    assertThat(svg).doesNotContain("<script>", "<b>", "NaN", "Infinity");
  }

  @Test
  void onePointIsAPictureToo() {
    var curve = new GrowthChart.Curve("one", List.of(point(10, 10)), Optional.empty());

    assertThat(new GrowthChart("t", "a", "u", false, List.of(curve)).svg())
        .doesNotContain("NaN", "Infinity");
    assertThat(new GrowthChart("t", "a", "u", true, List.of(curve)).svg())
        .doesNotContain("NaN", "Infinity");
  }

  @Test
  void byTensNothingIsZero() {
    var curves = List.of(new GrowthChart.Curve("none", List.of(point(1, 0)), Optional.empty()));

    assertThatThrownBy(() -> new GrowthChart("t", "a", "u", true, curves))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static MarkdownTable table() throws BenchException {
    return MarkdownTable.find(PAGE, "### Many inboxes", "The store has");
  }

  private static GrowthChart.Point point(long count, double... figures) {
    return new GrowthChart.Point(count, DoubleStream.of(figures).boxed().toList());
  }
}
