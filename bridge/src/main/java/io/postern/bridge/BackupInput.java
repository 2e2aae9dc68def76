package io.postern.bridge;

import io.postern.mail.PieceStream;
import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Opens what {@link BackupOutput} has sealed; ends only where that one ended. */
final class BackupInput extends PieceStream {
  private static final int MAX_SEALED = BackupOutput.PART + 64;

  private final DataInputStream in;
  private final Vault seal;
  private final String digest;
  private long number;
  private boolean last;

  BackupInput(InputStream in, BackupHeader header, Secret fileKey) {
    super(new byte[0]);
    this.in = new DataInputStream(in);
    this.seal = Vault.of(fileKey);
    this.digest = header.digest();
  }

  /**
   * @throws IOException if a part is missing, changed or too many
   */
  @Override
  protected Optional<byte[]> next() throws IOException {
    if (last) {
      if (in.read() >= 0) {
        throw new IOException("there is something behind the end of the backup");
      }
      return Optional.empty();
    }
    int length = in.readInt();
    if (length < 0 || length > MAX_SEALED) {
      throw new IOException("part " + number + " of the backup is damaged");
    }
    var part = part(in.readNBytes(length));
    number++;
    return Optional.of(part);
  }

  private byte[] part(byte[] sealed) throws IOException {
    try {
      return seal.open(BackupOutput.place(digest, number, false), sealed);
    } catch (Vault.VaultException notThat) {
      var part = lastPart(sealed);
      last = true;
      return part;
    }
  }

  private byte[] lastPart(byte[] sealed) throws IOException {
    try {
      return seal.open(BackupOutput.place(digest, number, true), sealed);
    } catch (Vault.VaultException damaged) {
      throw new IOException("part " + number + " of the backup is damaged, or not whole");
    }
  }
}
