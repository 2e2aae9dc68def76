package io.postern.xmtp.appdata;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The value of a component that is a set or a map: elements in the strict order of their keys. A
 * set is a map without values. What members send is a delta. It changes the elements in place, so
 * that many small ones cost no more than they say; after one that fails they are of no use.
 */
final class Elements implements Shape.Value {
  private static final byte[] NOTHING = new byte[0];
  private static final int HASH_LENGTH = 32;

  private final Form form;
  private final NavigableMap<byte[], byte[]> entries;

  /** The keys by the hash of their encoding, once a delta has asked for one. */
  private Optional<Map<ByteBuffer, byte[]>> byHash = Optional.empty();

  /** What the keys are, and whether they have values. */
  record Form(KeyEncoding keys, boolean hasValues) {
    static final Form INBOX_SET = new Form(KeyEncoding.INBOX_ID, false);
    static final Form INBOX_MAP = new Form(KeyEncoding.INBOX_ID, true);
    static final Form OCTETS_SET = new Form(KeyEncoding.OCTETS, false);
    static final Form OCTETS_MAP = new Form(KeyEncoding.OCTETS, true);
    static final Form REGISTRY = new Form(KeyEncoding.COMPONENT_ID, true);
  }

  /** Sees each mutation of a delta, in its order. */
  interface Visitor {
    /**
     * @param key the key or, where {@code byHash}, the SHA-256 of its encoding
     * @param value empty where there is none
     */
    void mutation(Operation operation, byte[] key, boolean byHash, byte[] value)
        throws AppDataException;
  }

  private Elements(Form form, NavigableMap<byte[], byte[]> entries) {
    this.form = form;
    this.entries = entries;
  }

  static Elements none(Form form) {
    return new Elements(form, new TreeMap<>(Arrays::compareUnsigned));
  }

  /**
   * @throws AppDataException if the octets end early or go on, or the keys do not rise
   */
  static Elements read(Form form, byte[] value) throws AppDataException {
    var elements = none(form);
    try {
      var in = new TlsReader(value);
      int end = end(in, "elements");
      while (in.position() < end) {
        var key = form.keys.read(in);
        if (!elements.entries.isEmpty()
            && Arrays.compareUnsigned(elements.entries.lastKey(), key) >= 0) {
          throw in.malformed("elements: a key is not above the one before it");
        }
        elements.entries.put(key, form.hasValues ? in.opaque("value") : NOTHING);
      }
      in.end("elements");
    } catch (WireException malformed) {
      throw new AppDataException("11.4: " + malformed.getMessage(), malformed);
    }
    return elements;
  }

  /**
   * Where a vector ends. Its last element may go on beyond that, to the end of the octets: the
   * readers of libxmtp take such a one, and any member could part us from them if we did not.
   */
  private static int end(TlsReader in, String vector) throws WireException {
    int length = in.length(vector);
    return in.position() + length;
  }

  /** Keys without version and length, in their order, and values, empty in a set. */
  NavigableMap<byte[], byte[]> entries() {
    return Collections.unmodifiableNavigableMap(entries);
  }

  @Override
  public byte[] toOctets() {
    return new TlsWriter()
        .vector(
            out ->
                entries.forEach(
                    (key, value) -> {
                      form.keys.write(out, key);
                      if (form.hasValues) {
                        out.opaque(value);
                      }
                    }))
        .toOctets();
  }

  /**
   * @throws AppDataException if it cannot be read, inserts what is there, or changes or deletes
   *     what is not
   */
  @Override
  public void apply(byte[] delta) throws AppDataException {
    walk(
        form,
        delta,
        (operation, key, hashed, value) -> {
          if (hashed && byHash.isEmpty()) {
            index();
          }
        });
    var changed = new ArrayList<byte[]>();
    walk(
        form,
        delta,
        (operation, key, hashed, value) -> {
          var meant = hashed ? hashedKey(key) : key;
          mutate(operation, meant, value);
          changed.add(meant);
        });
    byHash.ifPresent(index -> changed.forEach(key -> reindex(index, key)));
  }

  private void mutate(Operation operation, byte[] key, byte[] value) throws AppDataException {
    if ((operation == Operation.INSERT) == entries.containsKey(key)) {
      throw new AppDataException(
          "11.4: a delta "
              + (operation == Operation.INSERT
                  ? "inserts a key that is there"
                  : "changes or deletes a key that is not there"));
    }
    if (operation == Operation.DELETE) {
      entries.remove(key);
    } else {
      entries.put(key, value);
    }
  }

  private void index() {
    var index = new HashMap<ByteBuffer, byte[]>();
    entries.keySet().forEach(key -> index.put(hash(key), key));
    byHash = Optional.of(index);
  }

  private void reindex(Map<ByteBuffer, byte[]> index, byte[] key) {
    if (entries.containsKey(key)) {
      index.put(hash(key), key);
    } else {
      index.remove(hash(key));
    }
  }

  /** The key of that hash, as the elements were before the delta. */
  private byte[] hashedKey(byte[] hash) throws AppDataException {
    var key = byHash.orElseThrow().get(ByteBuffer.wrap(hash));
    if (key == null) {
      throw new AppDataException("11.4: a delta removes the hash of a key that is not there");
    }
    return key;
  }

  private ByteBuffer hash(byte[] key) {
    return ByteBuffer.wrap(sha256(form.keys.encode(key)));
  }

  /** Reads a delta to its end. */
  static void walk(Form form, byte[] delta, Visitor visitor) throws AppDataException {
    try {
      var in = new TlsReader(delta);
      int end = end(in, "mutations");
      while (in.position() < end) {
        int tag = in.uint8("mutation");
        if (form.hasValues) {
          walkMap(form, tag, in, visitor);
        } else {
          walkSet(form, tag, in, visitor);
        }
      }
      in.end("mutations");
    } catch (WireException malformed) {
      throw new AppDataException("11.4: " + malformed.getMessage(), malformed);
    }
  }

  private static void walkSet(Form form, int tag, TlsReader in, Visitor visitor)
      throws WireException, AppDataException {
    switch (tag) {
      case 0 -> visitor.mutation(Operation.INSERT, form.keys.read(in), false, NOTHING);
      case 1 -> visitor.mutation(Operation.DELETE, form.keys.read(in), false, NOTHING);
      case 2 -> visitor.mutation(Operation.DELETE, in.fixed(HASH_LENGTH, "hash"), true, NOTHING);
      default -> throw in.malformed("mutation: expected 0 to 2, got " + tag);
    }
  }

  private static void walkMap(Form form, int tag, TlsReader in, Visitor visitor)
      throws WireException, AppDataException {
    switch (tag) {
      case 0 -> visitor.mutation(Operation.INSERT, form.keys.read(in), false, in.opaque("value"));
      case 1 -> visitor.mutation(Operation.UPDATE, form.keys.read(in), false, in.opaque("value"));
      case 2 -> visitor.mutation(Operation.DELETE, form.keys.read(in), false, NOTHING);
      default -> throw in.malformed("mutation: expected 0 to 2, got " + tag);
    }
  }

  private static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every runtime has SHA-256", impossible);
    }
  }
}
