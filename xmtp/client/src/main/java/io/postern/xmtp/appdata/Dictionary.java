package io.postern.xmtp.appdata;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import io.postern.xmtp.identity.InboxId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * AppDataDictionary of draft-ietf-mls-extensions, context extension 0x0006: the components of a
 * group, each some octets under a number. A value: to apply updates makes another. Groups document
 * 11.3, 11.4.
 */
public final class Dictionary {
  /** Without any component, as a group is that has no such extension. */
  public static final Dictionary EMPTY = new Dictionary(new TreeMap<>());

  /** As written. No less than a group's whole state may have: others take what fits there. */
  static final int MAX_OCTETS = 8 * 1024 * 1024;

  private final NavigableMap<Integer, byte[]> components;

  private Dictionary(NavigableMap<Integer, byte[]> components) {
    this.components = components;
  }

  /**
   * Reads the extension data.
   *
   * @throws AppDataException if the octets end early or go on, or the numbers do not rise
   */
  public static Dictionary read(byte[] octets) throws AppDataException {
    requireFits(octets.length);
    var components = new TreeMap<Integer, byte[]>();
    try {
      var in = new TlsReader(octets);
      var vector = in.vector("component_data");
      int last = -1;
      while (vector.hasMore()) {
        int id = vector.uint16("component_id");
        if (id <= last) {
          throw vector.malformed(
              String.format("component_data: %04x does not come before %04x", last, id));
        }
        components.put(id, vector.opaque("data"));
        last = id;
      }
      in.end("component_data");
    } catch (WireException malformed) {
      throw new AppDataException("11.3: " + malformed.getMessage(), malformed);
    }
    return new Dictionary(components);
  }

  /** The extension data. */
  public byte[] toOctets() {
    return new TlsWriter()
        .vector(out -> components.forEach((id, value) -> out.uint16(id).opaque(value)))
        .toOctets();
  }

  /** Whether a group with this dictionary is in the dictionary form. */
  public boolean hasRegistry() {
    return components.containsKey(Component.REGISTRY);
  }

  /** The value of a component. */
  public Optional<byte[]> find(int id) {
    return Optional.ofNullable(components.get(id)).map(byte[]::clone);
  }

  /** The value of a component that is text. */
  public Optional<String> text(int id) throws AppDataException {
    var value = find(id);
    return value.isEmpty() ? Optional.empty() : Optional.of(Shape.Text.text(value.get()));
  }

  /** The value of a component that is a set of inboxes; empty if there is none. */
  public Set<InboxId> inboxes(int id) throws AppDataException {
    var inboxes = new TreeSet<InboxId>();
    var value = find(id);
    if (value.isPresent()) {
      Elements.read(Elements.Form.INBOX_SET, value.get())
          .entries()
          .keySet()
          .forEach(key -> inboxes.add(InboxId.of(key)));
    }
    return inboxes;
  }

  /** The value of a component that is a map of inboxes, in their order. */
  public Optional<Map<InboxId, byte[]>> byInbox(int id) throws AppDataException {
    var value = find(id);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    var byInbox = new LinkedHashMap<InboxId, byte[]>();
    Elements.read(Elements.Form.INBOX_MAP, value.get())
        .entries()
        .forEach((key, data) -> byInbox.put(InboxId.of(key), data));
    return Optional.of(byInbox);
  }

  /** The value of a component that is one inbox. */
  public Optional<InboxId> inbox(int id) throws AppDataException {
    var value = find(id);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      var in = new TlsReader(value.get());
      var key = KeyEncoding.INBOX_ID.read(in);
      in.end("inbox id");
      return Optional.of(InboxId.of(key));
    } catch (WireException malformed) {
      throw new AppDataException("11.4: " + Component.name(id), malformed);
    }
  }

  /** What a component that is one inbox has as its value. */
  public static byte[] ofInbox(InboxId inbox) {
    return KeyEncoding.INBOX_ID.encode(inbox.octets());
  }

  /** What component 8000 says; nothing if there is none. */
  public Registry registry() throws AppDataException {
    var value = find(Component.REGISTRY);
    return value.isPresent() ? Registry.read(value.get()) : Registry.NONE;
  }

  /**
   * The dictionary after the updates of one commit, in the order of the commit. The shape of what
   * is unknown here is told by the registry as it is before all of them.
   *
   * @throws AppDataException if an update cannot be applied
   */
  public Dictionary apply(List<ComponentUpdate> updates) throws AppDataException {
    var registry = registry();
    var changed = new TreeMap<>(components);
    var open = new HashMap<Integer, Shape.Value>(); // Read once, however many updates it has.
    for (var each : updates) {
      int id = each.componentId();
      if (each.update().isEmpty()) {
        requireRemovable(id);
        changed.remove(id);
        open.remove(id);
        continue;
      }
      var update = each.update().get();
      var value = Optional.ofNullable(open.get(id));
      var before = Optional.ofNullable(changed.get(id));
      if (Component.isImmutable(id) && (value.isPresent() || before.isPresent())) {
        throw new AppDataException("11.4: " + Component.name(id) + " is immutable");
      }
      requireFits(update.length);
      if (value.isEmpty()) {
        value = Optional.of(Shape.of(id, registry).open(before));
        open.put(id, value.get());
      }
      value.get().apply(update);
    }
    open.forEach((id, value) -> changed.put(id, value.toOctets()));
    var after = new Dictionary(changed);
    requireFits(after.toOctets().length);
    return after;
  }

  /** Without the registry nothing could be judged any more. */
  static void requireRemovable(int id) throws AppDataException {
    if (id == Component.REGISTRY) {
      throw new AppDataException("11.4: the registry cannot be removed");
    }
  }

  static void requireFits(long octets) throws AppDataException {
    if (octets > MAX_OCTETS) {
      throw new AppDataException("a dictionary of " + octets + " octets");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dictionary that && Arrays.equals(toOctets(), that.toOctets());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toOctets());
  }

  @Override
  public String toString() {
    return "Dictionary of " + components.size() + " components";
  }
}
