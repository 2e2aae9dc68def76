package io.postern.mls.group;

import io.postern.mls.crypto.HashReference;
import io.postern.mls.crypto.HpkeCiphertext;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsStruct;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code struct Welcome}: one epoch, opened to its newcomers. RFC 9420 §12.4.3.1. */
public final class Welcome implements TlsStruct {
  private final int cipherSuite;
  private final List<EncryptedGroupSecrets> secrets;
  private final byte[] encryptedGroupInfo;

  Welcome(int cipherSuite, List<EncryptedGroupSecrets> secrets, byte[] encryptedGroupInfo) {
    this.cipherSuite = cipherSuite;
    this.secrets = List.copyOf(secrets);
    this.encryptedGroupInfo = encryptedGroupInfo.clone();
  }

  /** {@code struct EncryptedGroupSecrets}: for whom, and what only they can open. */
  public record EncryptedGroupSecrets(HashReference newMember, HpkeCiphertext secrets)
      implements TlsStruct {
    @Override
    public void write(TlsWriter out) {
      out.opaque(newMember.toOctets()).struct(secrets);
    }
  }

  /** Reads the struct. */
  public static Welcome read(TlsReader in) throws WireException {
    int cipherSuite = in.uint16("cipher_suite");
    TlsReader vector = in.vector("secrets");
    List<EncryptedGroupSecrets> secrets = new ArrayList<>();
    while (vector.hasMore()) {
      HashReference newMember = new HashReference(vector.opaque("new_member"));
      secrets.add(new EncryptedGroupSecrets(newMember, HpkeCiphertext.read(vector)));
    }
    return new Welcome(cipherSuite, secrets, in.opaque("encrypted_group_info"));
  }

  @Override
  public void write(TlsWriter out) {
    out.uint16(cipherSuite).vector(secrets).opaque(encryptedGroupInfo);
  }

  /** The number of the cipher suite. */
  public int cipherSuite() {
    return cipherSuite;
  }

  /** For whom it is. */
  public List<EncryptedGroupSecrets> secrets() {
    return secrets;
  }

  /** What is in it for the holder of that key package. */
  public Optional<HpkeCiphertext> secretsFor(HashReference keyPackage) {
    return secrets.stream()
        .filter(each -> each.newMember().equals(keyPackage))
        .map(EncryptedGroupSecrets::secrets)
        .findFirst();
  }

  /** The GroupInfo, encrypted under the welcome secret. */
  public byte[] encryptedGroupInfo() {
    return encryptedGroupInfo.clone();
  }
}
