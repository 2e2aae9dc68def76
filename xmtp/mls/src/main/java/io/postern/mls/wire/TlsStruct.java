package io.postern.mls.wire;

/** A struct of RFC 9420 that can be written to the wire. */
public interface TlsStruct {
  /** Appends the struct to {@code out}. */
  void write(TlsWriter out);

  /** The struct alone, as octets. */
  default byte[] toOctets() {
    TlsWriter out = new TlsWriter();
    write(out);
    return out.toOctets();
  }
}
