package io.postern.bridge;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Seals what is written in parts, each of which knows its number and whether it is the last one:
 * none can be left out, doubled, or put elsewhere.
 *
 * <pre>
 *   header ‖ (length (4 octets) ‖ AES-256-GCM of up to 256 KiB)…
 * </pre>
 */
final class BackupOutput extends OutputStream {
  static final int PART = 1 << 18;

  private final DataOutputStream out;
  private final Vault seal;
  private final String digest;
  private final byte[] part = new byte[PART];
  private int filled;
  private long number;

  BackupOutput(OutputStream out, BackupHeader header, Secret fileKey) throws IOException {
    this.out = new DataOutputStream(out);
    this.seal = Vault.of(fileKey);
    this.digest = header.digest();
    header.write(out);
  }

  /** What a part is authenticated as. */
  static String place(String digest, long number, boolean last) {
    return "backup " + digest + " part " + number + (last ? " last" : "");
  }

  @Override
  public void write(int octet) throws IOException {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws IOException {
    int at = offset;
    int left = length;
    while (left > 0) {
      if (filled == PART) {
        seal(false);
      }
      int taken = Math.min(left, PART - filled);
      System.arraycopy(octets, at, part, filled, taken);
      filled += taken;
      at += taken;
      left -= taken;
    }
  }

  /** Writes the last part. Without it the file is not whole. */
  void finish() throws IOException {
    seal(true);
    out.flush();
    Arrays.fill(part, (byte) 0);
  }

  private void seal(boolean last) throws IOException {
    var sealed = seal.seal(place(digest, number++, last), Arrays.copyOf(part, filled));
    out.writeInt(sealed.length);
    out.write(sealed);
    filled = 0;
  }
}
