package io.postern.xmtp.identity;

import org.bouncycastle.crypto.digests.KeccakDigest;

/** Ethereum's hash: Keccak with 256 bits, before NIST changed the padding to make it SHA-3. */
final class Keccak256 {
  private Keccak256() {}

  static byte[] hash(byte[]... parts) {
    var digest = new KeccakDigest(256);
    for (var part : parts) {
      digest.update(part, 0, part.length);
    }
    var hash = new byte[digest.getDigestSize()];
    digest.doFinal(hash, 0);
    return hash;
  }
}
