package io.postern.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The example, the schema and the defaults in code say the same. style.md §10. */
class ExampleFileTest {
  private static final String NAME = "postern.example.yml";
  private static final Pattern SETTING = Pattern.compile("( *)#([a-zA-Z].*)");

  /** What has no default, so that the example had to choose. */
  private static final String WITHOUT_DEFAULT =
      "domains: [bridge.example]\nvault: {keyFile: /etc/postern/vault.key}\n";

  /** Settings that another setting needs beside it. */
  private static final Map<String, String> NEEDED = Map.of("  submission:", "  #tls:");

  @Test
  void theExampleIsTheDefaults() throws Exception {
    assertEquals(ConfigReader.read("a", WITHOUT_DEFAULT), ConfigReader.read(NAME, example()));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyOtherFormInTheExampleIsRight(String text) throws Exception {
    var config = ConfigReader.read(NAME, text);

    assertEquals(List.of("bridge.example"), config.domains());
  }

  @Test
  void theExampleNamesEveryKeyOfTheSchemaAndNoOther() throws Exception {
    var named = new TreeSet<>(keys(example()));
    for (var variant : variants()) {
      named.addAll(keys(variant));
    }

    assertEquals(schemaKeys().keySet(), named);
  }

  @Test
  void theDefaultsOfTheSchemaAreThoseOfTheExample() throws Exception {
    var written = new TreeMap<String, String>();
    values(root(example()), "", written);
    for (var variant : variants()) {
      values(root(variant), "", written);
    }
    var defaults = schemaKeys();

    assertFalse(defaults.values().stream().allMatch(Optional::isEmpty));
    defaults.forEach(
        (key, value) ->
            value
                .filter(JsonNode::isValueNode)
                .ifPresent(node -> assertEquals(node.asText(), written.get(key), key)));
  }

  @Test
  void everyKeyOfTheSchemaIsKnownToTheReader() throws Exception {
    for (var key : schemaKeys().keySet()) {
      var line = key + ": x\n";
      if (!key.contains(".")) {
        assertThat(mistakes(line)).noneMatch(told -> told.contains(key + " is not a setting"));
      }
    }
    assertThat(mistakes("nonsense: x\n")).anyMatch(told -> told.contains("is not a setting"));
  }

  static List<String> variants() throws IOException {
    var lines = lines();
    var variants = new ArrayList<String>();
    for (int i = 0; i < lines.size(); i++) {
      if (!SETTING.matcher(lines.get(i)).matches()) {
        continue;
      }
      int end = i + 1;
      while (end < lines.size() && lines.get(end).matches(" *# .*") && isBlock(lines, i)) {
        end++;
      }
      variants.add(withBlock(lines, i, end));
      i = end - 1;
    }
    return variants;
  }

  /** A setting whose value stands on the lines below it. */
  private static boolean isBlock(List<String> lines, int i) {
    return lines.get(i).endsWith(":");
  }

  private static String withBlock(List<String> lines, int from, int to) {
    var first = lines.get(from);
    var indent = first.substring(0, first.indexOf('#'));
    var key = indent + first.substring(first.indexOf('#') + 1).split(":")[0] + ":";
    var text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      var line = lines.get(i);
      var needed = NEEDED.get(key);
      if (i >= from && i < to || needed != null && line.startsWith(needed)) {
        text.append(line.replaceFirst("#", "")).append('\n');
      } else if (!line.startsWith(key) && !line.stripLeading().startsWith("#")) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }

  private static Set<String> keys(String text) {
    var values = new TreeMap<String, String>();
    values(root(text), "", values);
    return values.keySet();
  }

  private static void values(YamlNode node, String path, Map<String, String> values) {
    if (node instanceof YamlNode.Mapping mapping) {
      for (var entry : mapping.entries()) {
        var key = path + entry.key();
        if (entry.value() instanceof YamlNode.Scalar scalar) {
          values.putIfAbsent(key, scalar.text());
        } else {
          values.putIfAbsent(key, "");
        }
        values(entry.value(), key + ".", values);
      }
    } else if (node instanceof YamlNode.Sequence sequence) {
      sequence.items().forEach(item -> values(item, path, values));
    }
  }

  private static YamlNode root(String text) {
    return YamlFile.read(text, new Problems(NAME)).orElseThrow();
  }

  /** Every key of the schema by its path, with its default. */
  private static Map<String, Optional<JsonNode>> schemaKeys() throws IOException {
    try (var schema = ConfigReader.class.getResourceAsStream("postern.schema.json")) {
      var root = new ObjectMapper().readTree(schema);
      var keys = new TreeMap<String, Optional<JsonNode>>();
      collect(root, root, "", keys);
      return keys;
    }
  }

  private static void collect(
      JsonNode root, JsonNode node, String path, Map<String, Optional<JsonNode>> keys) {
    if (node.has("$ref")) {
      collect(root, root.at(node.get("$ref").asText().substring(1)), path, keys);
    }
    node.path("properties")
        .properties()
        .forEach(
            property -> {
              var key = path + property.getKey();
              keys.putIfAbsent(key, Optional.ofNullable(property.getValue().get("default")));
              collect(root, property.getValue(), key + ".", keys);
            });
    node.path("oneOf").forEach(one -> collect(root, one, path, keys));
    if (node.has("items")) {
      collect(root, node.get("items"), path, keys);
    }
  }

  private static List<String> mistakes(String text) {
    try {
      ConfigReader.read(NAME, text);
      return List.of();
    } catch (ConfigException wrong) {
      return wrong.getMessage().lines().toList();
    }
  }

  private static String example() throws IOException {
    return String.join("\n", lines()) + "\n";
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(Path.of(System.getProperty("postern.root"), "config", NAME));
  }
}
