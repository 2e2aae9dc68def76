package io.postern.mls.tree;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * {@code struct Credential}: who a leaf claims to be. For the basic type {@code content} is the
 * identity; for X.509 the octets of the certificate vector; unknown types are taken to hold one
 * {@code opaque<V>} and kept as they are. RFC 9420 §5.3.
 */
public record Credential(int type, byte[] content) implements TlsStruct {
  /** The basic credential. */
  public static final int BASIC = 0x0001;

  /** A chain of X.509 certificates. */
  public static final int X509 = 0x0002;

  /** Copies the content. */
  public Credential {
    content = content.clone();
  }

  /** A basic credential. */
  public static Credential basic(byte[] identity) {
    return new Credential(BASIC, identity);
  }

  /** Reads the struct. */
  public static Credential read(TlsReader in) throws WireException {
    int type = in.uint16("credential_type");
    byte[] content = in.opaque("credential");
    if (type == X509) {
      TlsReader certificates = new TlsReader(content);
      while (certificates.hasMore()) {
        certificates.opaque("cert_data");
      }
    }
    return new Credential(type, content);
  }

  @Override
  public void write(TlsWriter out) {
    out.uint16(type).opaque(content);
  }

  @Override
  public byte[] content() {
    return content.clone();
  }

  /** Whether this is a basic credential. */
  public boolean isBasic() {
    return type == BASIC;
  }

  /** The identity of a basic credential; another name for {@link #content}. */
  public byte[] identity() {
    return content();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Credential that
        && type == that.type
        && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return 31 * type + Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return "Credential(" + type + ", " + HexFormat.of().formatHex(content) + ")";
  }
}
