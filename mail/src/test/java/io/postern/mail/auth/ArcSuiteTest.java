package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Suites;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The validation tests of the ARC test suite. */
class ArcSuiteTest {
  @Test
  void validatesTheChainsOfTheArcSuite() throws Exception {
    var file = Suites.folder("arc").resolve("tests/arc-draft-validation-tests.yml");
    // As nodes: the suite names some of its tests twice, so a map would lose them.
    var settings = LoadSettings.builder().setAllowDuplicateKeys(true).build();
    // One empty value of the suite is indented deeper than what follows, which YAML 1.2 forbids.
    var text = Files.readString(file).replaceAll("(?m)^ +$", "");
    int tests = 0;
    var wrong = new ArrayList<String>();
    for (var scenario : new Compose(settings).composeAllFromString(text)) {
      var zone = new KeyZone();
      for (var record : ((MappingNode) child(scenario, "txt-records")).getValue()) {
        zone.with(text(record.getKeyNode()), text(record.getValueNode()).replace(" ", ""));
      }
      for (var test : ((MappingNode) child(scenario, "tests")).getValue()) {
        tests++;
        run(test, zone, wrong);
      }
    }

    System.out.printf("arc: %d of %d chains as expected%n", tests - wrong.size(), tests);
    assertThat(wrong).isEmpty();
    assertThat(tests).as("171 names, four of which stand twice").isEqualTo(175);
  }

  private static void run(NodeTuple test, KeyZone zone, ArrayList<String> wrong) throws Exception {
    var values = new LinkedHashMap<String, String>();
    for (var value : ((MappingNode) test.getValueNode()).getValue()) {
      values.put(text(value.getKeyNode()), text(value.getValueNode()));
    }
    var mail = Mails.read(Mails.octets(values.get("message")));
    var result = Arc.validate(mail, zone, Mails.NOW);
    var expected = expected(values);
    if (!result.status().toString().equals(expected)) {
      wrong.add(
          text(test.getKeyNode()) + ": " + expected + ", got " + result.status() + ", " + result);
    }
  }

  /**
   * Three tests say nothing: their chains had failed before, which RFC 8617 §5.2 calls a failure.
   */
  private static String expected(Map<String, String> values) {
    var said = values.get("cv").strip().toLowerCase(Locale.ROOT);
    return said.isEmpty() ? "fail" : said;
  }

  private static Node child(Node parent, String key) {
    return ((MappingNode) parent)
        .getValue().stream()
            .filter(tuple -> text(tuple.getKeyNode()).equals(key))
            .findFirst()
            .orElseThrow()
            .getValueNode();
  }

  private static String text(Node node) {
    return ((ScalarNode) node).getValue();
  }
}
