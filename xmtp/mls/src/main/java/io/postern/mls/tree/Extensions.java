package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code Extension extensions<V>}: keeps order and octets; a type occurs at most once. RFC 9420
 * §13.4.
 */
public record Extensions(List<Extension> list) implements TlsStruct {
  /** No extension. */
  public static final Extensions NONE = new Extensions(List.of());

  /** Refuses a type that occurs twice. */
  public Extensions {
    list = List.copyOf(list);
    Set<Integer> seen = new HashSet<>();
    for (Extension extension : list) {
      if (!seen.add(extension.type())) {
        throw new IllegalArgumentException(
            String.format("extension %04x occurs twice", extension.type()));
      }
    }
  }

  /** The given extensions in that order. */
  public static Extensions of(Extension... extensions) {
    return new Extensions(List.of(extensions));
  }

  /** Reads the vector. */
  public static Extensions read(TlsReader in) throws WireException {
    TlsReader vector = in.vector("extensions");
    List<Extension> list = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    while (vector.hasMore()) {
      Extension extension = Extension.read(vector);
      if (!seen.add(extension.type())) {
        throw vector.malformed(String.format("extension %04x occurs twice", extension.type()));
      }
      list.add(extension);
    }
    return new Extensions(list);
  }

  @Override
  public void write(TlsWriter out) {
    out.vector(list);
  }

  /** The data of that type. */
  public Optional<byte[]> find(int type) {
    return extension(type).map(Extension::data);
  }

  private Optional<Extension> extension(int type) {
    return list.stream().filter(extension -> extension.type() == type).findFirst();
  }

  /** Whether that type has the same octets in both, or is in neither. */
  public boolean hasSame(Extensions other, int type) {
    return extension(type).equals(other.extension(type));
  }

  /** The types in their order. */
  public List<Integer> types() {
    return list.stream().map(Extension::type).toList();
  }

  /** Whether the type occurs. */
  public boolean has(int type) {
    return list.stream().anyMatch(extension -> extension.type() == type);
  }

  /** The same list with {@code extension} at its end, in place of any other of its type. */
  public Extensions withLast(Extension extension) {
    List<Extension> changed = new ArrayList<>(without(extension.type()).list);
    changed.add(extension);
    return new Extensions(changed);
  }

  /** The same list without that type. */
  public Extensions without(int type) {
    return new Extensions(list.stream().filter(extension -> extension.type() != type).toList());
  }
}
