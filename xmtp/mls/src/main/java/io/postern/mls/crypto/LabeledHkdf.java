package io.postern.mls.crypto;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.util.Arrays;

/** LabeledExtract and LabeledExpand of RFC 9180 §4 for one suite id. */
final class LabeledHkdf {
  private static final byte[] VERSION = "HPKE-v1".getBytes(StandardCharsets.US_ASCII);

  private final Kdf kdf;
  private final byte[] suiteId;

  LabeledHkdf(Kdf kdf, byte[] suiteId) {
    this.kdf = kdf;
    this.suiteId = suiteId;
  }

  byte[] extract(byte[] salt, String label, byte[] ikm) {
    byte[] labeled =
        Arrays.concatenate(VERSION, suiteId, label.getBytes(StandardCharsets.US_ASCII), ikm);
    byte[] prk = kdf.extract(salt, labeled);
    Arrays.fill(labeled, (byte) 0);
    return prk;
  }

  byte[] expand(byte[] prk, String label, byte[] info, int length) {
    byte[] size = {(byte) (length >>> 8), (byte) length};
    byte[] labeled =
        Arrays.concatenate(
            new byte[][] {size, VERSION, suiteId, label.getBytes(StandardCharsets.US_ASCII), info});
    return kdf.expand(prk, labeled, length);
  }
}
