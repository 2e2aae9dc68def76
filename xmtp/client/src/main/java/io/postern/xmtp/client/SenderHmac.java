package io.postern.xmtp.client;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.network.GroupId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * The tag by which a push service recognises a user's own messages; outside the encryption, and of
 * no meaning to peers. Its key changes every thirty days.
 */
final class SenderHmac {
  /** Octets of a user's root and of each derived key. */
  static final int KEY_LENGTH = 42;

  private static final long EPOCH_SECONDS = 2_592_000;
  private static final byte[] SALT = "libXMTP HKDF salt!".getBytes(StandardCharsets.US_ASCII);

  private SenderHmac() {}

  /**
   * @param root 42 octets, stable for one user
   * @param data the whole MLSMessage octets
   * @return 32 octets
   */
  static byte[] tag(Secret root, GroupId group, Instant now, byte[] data) {
    var key = key(root, group, Math.floorDiv(now.getEpochSecond(), EPOCH_SECONDS));
    var mac = new HMac(new SHA256Digest());
    mac.init(new KeyParameter(key));
    mac.update(data, 0, data.length);
    var tag = new byte[mac.getMacSize()];
    mac.doFinal(tag, 0);
    Arrays.fill(key, (byte) 0);
    return tag;
  }

  static byte[] key(Secret root, GroupId group, long epoch) {
    var rootOctets = root.toOctets();
    var groupOctets = group.octets();
    var ikm = ByteBuffer.allocate(rootOctets.length + groupOctets.length);
    ikm.put(rootOctets).put(groupOctets);
    var info = ByteBuffer.allocate(groupOctets.length + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    info.put(groupOctets).putLong(epoch);
    var hkdf = new HKDFBytesGenerator(new SHA256Digest());
    hkdf.init(new HKDFParameters(ikm.array(), SALT, info.array()));
    var key = new byte[KEY_LENGTH];
    hkdf.generateBytes(key, 0, KEY_LENGTH);
    Arrays.fill(rootOctets, (byte) 0);
    Arrays.fill(ikm.array(), (byte) 0);
    return key;
  }
}
