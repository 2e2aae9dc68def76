package io.postern.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * One section of the file while it is read: each key is asked for once, and what nobody asked for
 * is a mistake. Where a value is wrong the default stands in, so that reading can go on; nothing is
 * made of it, because the mistake has been told.
 */
final class Section {
  private static final int MAX_DISTANCE = 2;

  private final Problems problems;
  private final String path;
  private final int line;
  private final Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
  private final Set<String> asked = new LinkedHashSet<>();

  /**
   * @param path of its keys, with the final dot; empty for the root
   */
  Section(Problems problems, String path, YamlNode.Mapping node) {
    this.problems = problems;
    this.path = path;
    this.line = node.line();
    node.entries().forEach(entry -> entries.put(entry.key(), entry));
  }

  /** Of its keys, with the final dot; empty for the root. */
  String path() {
    return path;
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  /** The line of a key; that of the section if the key is not there. */
  int line(String key) {
    return has(key) ? entries.get(key).line() : line;
  }

  /** The line of a key of a section below; that section's if the key is not there, else 0. */
  int line(String key, String inner) {
    if (!has(key) || !(entries.get(key).value() instanceof YamlNode.Mapping below)) {
      return 0;
    }
    return below.entries().stream()
        .filter(entry -> entry.key().equals(inner))
        .map(YamlNode.Entry::line)
        .findFirst()
        .orElse(below.line());
  }

  /** Whatever stands under a key. */
  Optional<YamlNode> node(String key) {
    asked.add(key);
    return Optional.ofNullable(entries.get(key)).map(YamlNode.Entry::value);
  }

  /** A value of this form; empty if there is none, or a wrong one. */
  <T> Optional<T> value(String key, Values.Form<T> form) {
    return node(key).flatMap(node -> scalar(key, node, form));
  }

  /** A value of this form that must be there; empty only after a mistake. */
  <T> Optional<T> required(String key, Values.Form<T> form, String remedy) {
    if (!has(key)) {
      asked.add(key);
      problems.add(line, path + key + " is missing; write " + remedy);
      return Optional.empty();
    }
    return value(key, form);
  }

  /**
   * The settings with the value of this key, if it is there, and if they take it.
   *
   * @param with says by an {@link IllegalArgumentException} that they do not
   */
  <S, T> S with(S settings, String key, Values.Form<T> form, BiFunction<S, T, S> with) {
    var value = value(key, form);
    if (value.isEmpty()) {
      return settings;
    }
    try {
      return with.apply(settings, value.get());
    } catch (IllegalArgumentException refused) {
      // It names the key and says what to write: the record knows its place in the file.
      wrong(key, refused.getMessage());
      return settings;
    }
  }

  /** The section under a key; an empty one if it is not there or is something else. */
  Section section(String key) {
    return sectionIfAny(key)
        .orElseGet(
            () -> new Section(problems, path + key + ".", new YamlNode.Mapping(line, List.of())));
  }

  /** The section under a key; empty if it is not there, or after a mistake. */
  Optional<Section> sectionIfAny(String key) {
    var node = node(key);
    if (node.isPresent() && !(node.get() instanceof YamlNode.Mapping)) {
      wrong(key, path + key + " is " + node.get().kind() + "; write its keys below it");
    }
    return node.filter(YamlNode.Mapping.class::isInstance)
        .map(below -> new Section(problems, path + key + ".", (YamlNode.Mapping) below));
  }

  /** The items of a list; none if it is not there or is something else. */
  List<YamlNode> list(String key, String remedy) {
    var node = node(key);
    if (node.isEmpty()) {
      return List.of();
    }
    if (node.get() instanceof YamlNode.Sequence sequence) {
      return sequence.items();
    }
    wrong(key, path + key + " is " + node.get().kind() + "; write a list, " + remedy);
    return List.of();
  }

  /** The items of a list each of which has keys of its own. */
  List<Section> sections(String key, String remedy) {
    var sections = new ArrayList<Section>();
    for (var item : list(key, remedy)) {
      if (item instanceof YamlNode.Mapping entry) {
        sections.add(new Section(problems, path + key + ".", entry));
      } else {
        problems.add(item.line(), path + key + " has " + item.kind() + "; write " + remedy);
      }
    }
    return sections;
  }

  /** A value that is an item of a list or stands where a section might. */
  <T> Optional<T> scalar(String key, YamlNode node, Values.Form<T> form) {
    if (!(node instanceof YamlNode.Scalar scalar)) {
      problems.add(node.line(), path + key + " is " + node.kind() + "; write one value");
      return Optional.empty();
    }
    if (scalar.isAbsent()) {
      problems.add(node.line(), path + key + " has no value; write one, or take the line out");
      return Optional.empty();
    }
    try {
      return Optional.of(form.parse(scalar.text()));
    } catch (ValueException wrong) {
      problems.add(
          node.line(),
          path + key + " is " + Values.shown(scalar.text()) + "; " + wrong.getMessage());
      return Optional.empty();
    }
  }

  /** Tells a mistake about the section as a whole. */
  void wrong(String text) {
    problems.add(line, path.substring(0, path.length() - 1) + text);
  }

  /** Tells a mistake on the line of a key. */
  void wrong(String key, String text) {
    problems.add(line(key), text);
  }

  /** Tells of each key that nobody asked for, with the one that was likely meant. */
  void refuseOthers() {
    for (var entry : entries.values()) {
      if (!asked.contains(entry.key())) {
        problems.add(
            entry.line(),
            path
                + Values.cleaned(entry.key())
                + " is not a setting; "
                + nearest(entry.key())
                    .map(near -> "do you mean " + path + near + "?")
                    .orElse("known here: " + String.join(", ", asked)));
      }
    }
  }

  private Optional<String> nearest(String key) {
    String best = null;
    int least = MAX_DISTANCE + 1;
    for (var known : asked) {
      int distance = distance(key, known);
      if (distance < least) {
        best = known;
        least = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Levenshtein's, without case; only small ones count, so lengths that differ more do not. */
  private static int distance(String one, String other) {
    if (Math.abs(one.length() - other.length()) > MAX_DISTANCE) {
      return Integer.MAX_VALUE;
    }
    var a = one.toLowerCase(Locale.ROOT);
    var b = other.toLowerCase(Locale.ROOT);
    var row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
