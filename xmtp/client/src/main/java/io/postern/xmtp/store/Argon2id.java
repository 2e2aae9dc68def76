package io.postern.xmtp.store;

import io.postern.mls.crypto.Secret;
import java.security.SecureRandom;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * How a passphrase becomes a key of 32 octets. RFC 9106, Argon2id.
 *
 * @param memoryKib that one try takes, KiB
 * @param passes over it
 * @param lanes how many threads could work at once
 * @param salt so that no two passphrases have the same key
 */
public record Argon2id(int memoryKib, int passes, int lanes, byte[] salt) {
  private static final int USUAL_MEMORY_KIB = 65_536;
  private static final int USUAL_PASSES = 3;
  private static final int USUAL_SALT = 16;

  // What is read from a file or a table must not take the machine away: 1 GiB, 16 passes.
  private static final int MAX_MEMORY_KIB = 1_048_576;
  private static final int MAX_PASSES = 16;
  private static final int MAX_LANES = 16;
  private static final int MIN_SALT = 8;
  private static final int MAX_SALT = 64;

  /**
   * @throws IllegalArgumentException if it costs too much, or so little that it is of no use
   */
  public Argon2id {
    if (lanes < 1
        || lanes > MAX_LANES
        || passes < 1
        || passes > MAX_PASSES
        || memoryKib < 8 * lanes
        || memoryKib > MAX_MEMORY_KIB) {
      throw new IllegalArgumentException(
          "Argon2id costs too little or too much: lanes are 1 to "
              + MAX_LANES
              + ", passes 1 to "
              + MAX_PASSES
              + ", memory 8 KiB for each lane to "
              + MAX_MEMORY_KIB
              + " KiB");
    }
    if (salt.length < MIN_SALT || salt.length > MAX_SALT) {
      throw new IllegalArgumentException("a salt has 8 to 64 octets, not " + salt.length);
    }
    salt = salt.clone();
  }

  /** The usual cost, 64 MiB in three passes, with a new salt. RFC 9106 §4. */
  public static Argon2id usual(SecureRandom random) {
    var salt = new byte[USUAL_SALT];
    random.nextBytes(salt);
    return new Argon2id(USUAL_MEMORY_KIB, USUAL_PASSES, 1, salt);
  }

  @Override
  public byte[] salt() {
    return salt.clone();
  }

  /**
   * The key of a passphrase; takes a moment.
   *
   * @param passphrase its octets, which the caller wipes
   */
  public Secret key(byte[] passphrase) {
    var generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    var key = new byte[Vault.KEY_LENGTH];
    generator.generateBytes(passphrase, key);
    return Secret.take(key);
  }

  @Override
  public String toString() {
    return "Argon2id[" + memoryKib + " KiB, " + passes + " passes, " + lanes + " lanes]";
  }
}
