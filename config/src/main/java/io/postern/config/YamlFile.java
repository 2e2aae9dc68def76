package io.postern.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML 1.2 into nodes that know their lines. A plain subset: one document, no anchors, no
 * aliases (so nothing in the file can be larger than the file), no tags, no key twice.
 */
final class YamlFile {
  /** In characters; a configuration of thousands of mappings is a hundredth of it. */
  static final int MAX_CHARACTERS = 4 << 20;

  /** Settings are four levels deep. */
  private static final int MAX_DEPTH = 20;

  private final Problems problems;
  private final Iterator<Event> events;

  private YamlFile(Problems problems, Iterator<Event> events) {
    this.problems = problems;
    this.events = events;
  }

  /**
   * @param problems takes what is wrong
   * @return the root; empty if there is none, or none that can be trusted
   */
  static Optional<YamlNode> read(String text, Problems problems) {
    if (text.length() > MAX_CHARACTERS) {
      problems.add(0, "is longer than " + MAX_CHARACTERS + " characters; is it the right file?");
      return Optional.empty();
    }
    var settings =
        LoadSettings.builder()
            .setLabel(problems.file())
            .setUseMarks(true)
            .setCodePointLimit(MAX_CHARACTERS)
            .build();
    try {
      var events = new Parse(settings).parseString(text).iterator();
      return Optional.ofNullable(new YamlFile(problems, events).document());
    } catch (StopException told) {
      return Optional.empty();
    } catch (MarkedYamlEngineException malformed) {
      problems.add(line(malformed.getProblemMark()), "is not YAML here: " + reason(malformed));
    } catch (YamlEngineException malformed) {
      problems.add(0, "is not YAML: " + firstLine(malformed.getMessage()));
    }
    return Optional.empty();
  }

  /** After a mistake behind which nothing can be read; it has been told. */
  private static final class StopException extends Exception {}

  private YamlNode document() throws StopException {
    YamlNode root = null;
    int documents = 0;
    while (events.hasNext()) {
      var event = events.next();
      if (event instanceof DocumentStartEvent && ++documents > 1) {
        throw stop(event, "begins a second document; write one, without another line of ---");
      }
      if (event instanceof NodeEvent) {
        root = node(event, 0);
      }
    }
    return root;
  }

  private YamlNode node(Event event, int depth) throws StopException {
    if (depth > MAX_DEPTH) {
      throw stop(event, "is nested more than " + MAX_DEPTH + " deep");
    }
    if (event instanceof AliasEvent) {
      throw stop(event, "refers to an anchor by *; write the value again");
    }
    if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      throw stop(event, "sets an anchor by &; quote the value if it begins with that sign");
    }
    if (event instanceof ScalarEvent scalar) {
      requireNoTag(event, scalar.getTag());
      var text = scalar.getValue();
      boolean isAbsent =
          scalar.isPlain() && (text.isEmpty() || text.equals("~") || text.equals("null"));
      return new YamlNode.Scalar(line(event), text, isAbsent);
    }
    if (event instanceof SequenceStartEvent sequence) {
      requireNoTag(event, sequence.getTag());
      return sequence(event, depth);
    }
    if (event instanceof MappingStartEvent mapping) {
      requireNoTag(event, mapping.getTag());
      return mapping(event, depth);
    }
    throw new IllegalStateException("the parser gave " + event + " where a value begins");
  }

  private YamlNode sequence(Event start, int depth) throws StopException {
    var items = new ArrayList<YamlNode>();
    for (var event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
      items.add(node(event, depth + 1));
    }
    return new YamlNode.Sequence(line(start), List.copyOf(items));
  }

  private YamlNode mapping(Event start, int depth) throws StopException {
    var entries = new ArrayList<YamlNode.Entry>();
    Map<String, Integer> lines = new HashMap<>();
    for (var event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
      if (!(node(event, depth + 1) instanceof YamlNode.Scalar key)) {
        throw stop(event, "has a list or a section where a key should stand");
      }
      var value = node(events.next(), depth + 1);
      var before = lines.putIfAbsent(key.text(), key.line());
      if (before == null) {
        entries.add(new YamlNode.Entry(key.text(), key.line(), value));
      } else {
        problems.add(
            key.line(),
            Values.shown(key.text())
                + " stands here a second time, after line "
                + before
                + "; take one of them out");
      }
    }
    return new YamlNode.Mapping(line(start), List.copyOf(entries));
  }

  private void requireNoTag(Event event, Optional<String> tag) throws StopException {
    if (tag.isPresent()) {
      throw stop(event, "has a tag (" + Values.shown(tag.get()) + "); write the value without it");
    }
  }

  private StopException stop(Event event, String text) {
    problems.add(line(event), text);
    return new StopException();
  }

  private static int line(Event event) {
    return line(event.getStartMark());
  }

  /** The library counts from 0. */
  private static int line(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(-1) + 1;
  }

  private static String reason(MarkedYamlEngineException malformed) {
    var context = malformed.getContext();
    var problem = firstLine(malformed.getProblem());
    return context == null || context.isEmpty() ? problem : firstLine(context) + ", " + problem;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().map(Values::cleaned).orElse("unreadable");
  }
}
