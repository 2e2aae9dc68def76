package io.postern.bridge;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Opens what {@link BackupOutput} has sealed; ends only where that one ended. */
final class BackupInput extends InputStream {
  private static final int MAX_SEALED = BackupOutput.PART + 64;

  private final DataInputStream in;
  private final Vault seal;
  private final String digest;
  private byte[] part = new byte[0];
  private int read;
  private long number;
  private boolean last;

  BackupInput(InputStream in, BackupHeader header, Secret fileKey) {
    this.in = new DataInputStream(in);
    this.seal = Vault.of(fileKey);
    this.digest = header.digest();
  }

  @Override
  public int read() throws IOException {
    return isAtEnd() ? -1 : part[read++] & 0xff;
  }

  @Override
  public int read(byte[] octets, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (isAtEnd()) {
      return -1;
    }
    int taken = Math.min(length, part.length - read);
    System.arraycopy(part, read, octets, offset, taken);
    read += taken;
    return taken;
  }

  /**
   * @throws IOException if a part is missing, changed or too many
   */
  private boolean isAtEnd() throws IOException {
    while (read == part.length) {
      if (last) {
        if (in.read() >= 0) {
          throw new IOException("there is something behind the end of the backup");
        }
        return true;
      }
      open();
    }
    return false;
  }

  private void open() throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_SEALED) {
      throw new IOException("part " + number + " of the backup is damaged");
    }
    var sealed = in.readNBytes(length);
    try {
      part = seal.open(BackupOutput.place(digest, number, false), sealed);
    } catch (Vault.VaultException notThat) {
      part = lastPart(sealed);
      last = true;
    }
    number++;
    read = 0;
  }

  private byte[] lastPart(byte[] sealed) throws IOException {
    try {
      return seal.open(BackupOutput.place(digest, number, true), sealed);
    } catch (Vault.VaultException damaged) {
      throw new IOException("part " + number + " of the backup is damaged, or not whole");
    }
  }
}
