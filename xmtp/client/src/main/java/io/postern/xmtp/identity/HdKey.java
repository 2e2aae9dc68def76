package io.postern.xmtp.identity;

import io.postern.mls.crypto.Secret;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * A private key and the chain code that its children are made with. BIP-32.
 *
 * <pre>
 *   seed ──HMAC "Bitcoin seed"──▶ (key, code)
 *   (key, code) ──HMAC code, 00 ‖ key ‖ n──▶ (key', code')        n ≥ 2³¹: hardened
 *   (key, code) ──HMAC code, public key ‖ n──▶ (key', code')      n &lt; 2³¹
 * </pre>
 */
final class HdKey {
  /** Added to the number of a child that must not be derivable from the parent's public key. */
  static final int HARDENED = 0x80000000;

  private static final byte[] MASTER = "Bitcoin seed".getBytes(StandardCharsets.US_ASCII);
  private static final int HALF = 32;

  private final BigInteger key;
  private final byte[] chainCode;

  private HdKey(BigInteger key, byte[] chainCode) {
    this.key = key;
    this.chainCode = chainCode;
  }

  /** The key at the end of a path that starts at the seed. */
  static HdKey derive(Secret seed, int... path) {
    var octets = seed.toOctets();
    try {
      var hash = hmac(MASTER, octets);
      var key = new HdKey(checked(left(hash)), right(hash));
      for (int number : path) {
        key = key.child(number);
      }
      return key;
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  private HdKey child(int number) {
    var parent =
        number < 0
            ? ByteBuffer.allocate(37).put((byte) 0).put(Secp256k1.octets(key))
            : ByteBuffer.allocate(37).put(Secp256k1.publicKey(key).getEncoded(true));
    var data = parent.putInt(number).array();
    var hash = hmac(chainCode, data);
    Arrays.fill(data, (byte) 0);
    Arrays.fill(chainCode, (byte) 0);
    var tweak = left(hash);
    if (tweak.compareTo(Secp256k1.ORDER) >= 0) {
      throw new IllegalStateException("a child key out of range: one in 2^127");
    }
    return new HdKey(checked(tweak.add(key).mod(Secp256k1.ORDER)), right(hash));
  }

  WalletKey walletKey() {
    Arrays.fill(chainCode, (byte) 0);
    try {
      return WalletKey.of(Secret.take(Secp256k1.octets(key)));
    } catch (IdentityException impossible) {
      throw new IllegalStateException("every derived key is in range", impossible);
    }
  }

  BigInteger key() {
    return key;
  }

  byte[] chainCode() {
    return chainCode.clone();
  }

  private static BigInteger checked(BigInteger key) {
    if (!Secp256k1.isScalar(key)) {
      throw new IllegalStateException("a derived key out of range: one in 2^127");
    }
    return key;
  }

  private static byte[] hmac(byte[] key, byte[] data) {
    var mac = new HMac(new SHA512Digest());
    mac.init(new KeyParameter(key));
    mac.update(data, 0, data.length);
    var hash = new byte[2 * HALF];
    mac.doFinal(hash, 0);
    return hash;
  }

  private static BigInteger left(byte[] hash) {
    return new BigInteger(1, Arrays.copyOf(hash, HALF));
  }

  private static byte[] right(byte[] hash) {
    return Arrays.copyOfRange(hash, HALF, 2 * HALF);
  }
}
