package io.postern.config;

import java.util.List;

/** What stands in a YAML file, with the lines on which it stands. */
sealed interface YamlNode {
  /** The line on which it begins, from 1. */
  int line();

  /** What it is, for people who may not know YAML. */
  String kind();

  /**
   * A single value. What type it has is for the reader of the key to say.
   *
   * @param isAbsent whether nothing was written, or {@code null} without quotes
   */
  record Scalar(int line, String text, boolean isAbsent) implements YamlNode {
    @Override
    public String kind() {
      return isAbsent ? "empty" : "\"" + text + "\"";
    }
  }

  /** Values in a row: {@code [a, b]}, or lines that begin with a hyphen. */
  record Sequence(int line, List<YamlNode> items) implements YamlNode {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys and values: <code>{a: b}</code>, or indented lines. No key stands twice. */
  record Mapping(int line, List<Entry> entries) implements YamlNode {
    @Override
    public String kind() {
      return "a section";
    }
  }

  /** One key of a mapping, and what it is. */
  record Entry(String key, int line, YamlNode value) {}
}
