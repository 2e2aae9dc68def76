package io.postern.mls.crypto;

import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.Arrays;

/**
 * {@code struct HPKECiphertext}: the encapsulated key and what was sealed with it. RFC 9420 §7.6.
 */
public record HpkeCiphertext(byte[] kemOutput, byte[] ciphertext) implements TlsStruct {
  /** Copies both. */
  public HpkeCiphertext {
    kemOutput = kemOutput.clone();
    ciphertext = ciphertext.clone();
  }

  /** Reads the struct. */
  public static HpkeCiphertext read(TlsReader in) throws WireException {
    return new HpkeCiphertext(in.opaque("kem_output"), in.opaque("ciphertext"));
  }

  @Override
  public void write(TlsWriter out) {
    out.opaque(kemOutput).opaque(ciphertext);
  }

  @Override
  public byte[] kemOutput() {
    return kemOutput.clone();
  }

  @Override
  public byte[] ciphertext() {
    return ciphertext.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HpkeCiphertext that
        && Arrays.equals(kemOutput, that.kemOutput)
        && Arrays.equals(ciphertext, that.ciphertext);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(ciphertext);
  }

  @Override
  public String toString() {
    return "HpkeCiphertext(" + ciphertext.length + " octets)";
  }
}
