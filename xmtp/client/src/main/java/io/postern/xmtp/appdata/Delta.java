package io.postern.xmtp.appdata;

import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.identity.InboxId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What changes in a set or map, as members send it: mutations in the order in which they are given
 * here. Groups document 11.4.
 */
public final class Delta {
  private static final int INSERT = 0;
  private static final int MAP_UPDATE = 1;
  private static final int MAP_DELETE = 2;

  private final TlsWriter mutations = new TlsWriter();

  /** An inbox comes into a set. */
  public Delta insert(InboxId inbox) {
    return mutation(INSERT, KeyEncoding.INBOX_ID, inbox.octets());
  }

  /** An inbox comes into a map. */
  public Delta insert(InboxId inbox, byte[] value) {
    mutation(INSERT, KeyEncoding.INBOX_ID, inbox.octets());
    mutations.opaque(value);
    return this;
  }

  /** An inbox of a map has another value. */
  public Delta update(InboxId inbox, byte[] value) {
    mutation(MAP_UPDATE, KeyEncoding.INBOX_ID, inbox.octets());
    mutations.opaque(value);
    return this;
  }

  /** An inbox leaves a map. */
  public Delta delete(InboxId inbox) {
    return mutation(MAP_DELETE, KeyEncoding.INBOX_ID, inbox.octets());
  }

  /**
   * The entries that a delta of the registry inserts.
   *
   * @throws AppDataException if it cannot be read, does anything else, or inserts one twice
   */
  public static Map<Integer, byte[]> inserted(byte[] delta) throws AppDataException {
    return inserted(Elements.Form.REGISTRY, delta, KeyEncoding::componentId);
  }

  /**
   * The entries that a delta of a map of inboxes inserts.
   *
   * @throws AppDataException as {@link #inserted(byte[])}
   */
  public static Map<InboxId, byte[]> insertedInboxes(byte[] delta) throws AppDataException {
    return inserted(Elements.Form.INBOX_MAP, delta, InboxId::of);
  }

  private static <K> Map<K, byte[]> inserted(
      Elements.Form form, byte[] delta, Function<byte[], K> reader) throws AppDataException {
    var entries = new LinkedHashMap<K, byte[]>();
    Elements.walk(
        form,
        delta,
        (operation, key, byHash, value) -> {
          if (operation != Operation.INSERT || entries.put(reader.apply(key), value) != null) {
            throw new AppDataException("11.5: a delta does not only insert, each once");
          }
        });
    return entries;
  }

  private Delta mutation(int tag, KeyEncoding encoding, byte[] key) {
    mutations.uint8(tag);
    encoding.write(mutations, key);
    return this;
  }

  /** The payload of an update. */
  public byte[] toOctets() {
    return new TlsWriter().opaque(mutations.toOctets()).toOctets();
  }
}
