package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/**
 * {@code struct Extension}: a type and its data, kept as the exact octets that came. RFC 9420 §13.
 */
public record Extension(int type, byte[] data) implements TlsStruct {
  /** application_id, RFC 9420 §5.3.3. */
  public static final int APPLICATION_ID = 0x0001;

  /** ratchet_tree, RFC 9420 §12.4.3.3. */
  public static final int RATCHET_TREE = 0x0002;

  /** required_capabilities, RFC 9420 §11.1. */
  public static final int REQUIRED_CAPABILITIES = 0x0003;

  /** external_pub, RFC 9420 §12.4.3.2. */
  public static final int EXTERNAL_PUB = 0x0004;

  /** external_senders, RFC 9420 §12.1.8.1. */
  public static final int EXTERNAL_SENDERS = 0x0005;

  /** app_data_dictionary, draft-ietf-mls-extensions. */
  public static final int APP_DATA_DICTIONARY = 0x0006;

  /** last_resort, draft-ietf-mls-extensions. */
  public static final int LAST_RESORT = 0x000a;

  /** The immutable metadata of a group of XMTP, which its clients know as part of MLS. */
  private static final int IMMUTABLE_METADATA = 0xf000;

  /** Copies the data. */
  public Extension {
    if (type < 0 || type > 0xffff) {
      throw new IllegalArgumentException("extension type " + type);
    }
    data = data.clone();
  }

  /** Reads the struct. */
  public static Extension read(TlsReader in) throws WireException {
    return new Extension(in.uint16("extension_type"), in.opaque("extension_data"));
  }

  /** Whether every client supports the type without listing it. RFC 9420 §7.2. */
  public static boolean isDefault(int type) {
    return type >= APPLICATION_ID && type <= EXTERNAL_SENDERS;
  }

  /**
   * Whether a leaf may carry the type; those that are known to belong elsewhere may not. RFC 9420
   * §13.4, as other clients read it.
   */
  static boolean belongsInLeaf(int type) {
    return !(type >= RATCHET_TREE && type <= EXTERNAL_SENDERS
        || type == LAST_RESORT
        || type == IMMUTABLE_METADATA);
  }

  @Override
  public void write(TlsWriter out) {
    out.uint16(type).opaque(data);
  }

  @Override
  public byte[] data() {
    return data.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Extension that && type == that.type && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * type + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return String.format("Extension(%04x, %d octets)", type, data.length);
  }
}
