package io.postern.bridge;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * What is kept of a password: Argon2id of RFC 9106, written as a PHC string. It is no password, but
 * weak ones can be guessed from it, so it is not printed by accident.
 */
final class PasswordHash {
  /** As is advised where many log in at once: 19 MiB, two passes, one lane. */
  private static final int MEMORY_KIB = 19_456;

  private static final int PASSES = 2;
  private static final int LANES = 1;
  private static final int SALT_OCTETS = 16;
  private static final int HASH_OCTETS = 32;

  /** What a hash of somebody else's making may cost at each login: 256 MiB. */
  private static final int MAX_MEMORY_KIB = 262_144;

  private static final int MAX_PASSES = 16;
  private static final int MAX_LANES = 16;
  private static final int LEAST_SALT_OCTETS = 8;
  private static final int LEAST_HASH_OCTETS = 16;

  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,6}),t=(\\d{1,2}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]{1,88})\\$([A-Za-z0-9+/]{1,88})");

  private final int memoryKib;
  private final int passes;
  private final int lanes;
  private final byte[] salt;
  private final byte[] hash;

  private PasswordHash(int memoryKib, int passes, int lanes, byte[] salt, byte[] hash) {
    this.memoryKib = memoryKib;
    this.passes = passes;
    this.lanes = lanes;
    this.salt = salt;
    this.hash = hash;
  }

  /**
   * Of a new password.
   *
   * @param password its octets, which the caller erases
   */
  static PasswordHash of(byte[] password, SecureRandom random) {
    var salt = new byte[SALT_OCTETS];
    random.nextBytes(salt);
    var empty = new byte[HASH_OCTETS];
    var blank = new PasswordHash(MEMORY_KIB, PASSES, LANES, salt, empty);
    return new PasswordHash(MEMORY_KIB, PASSES, LANES, salt, blank.computed(password));
  }

  /** Of no password, to be asked in place of one that is not there. */
  static PasswordHash ofNobody() {
    return new PasswordHash(
        MEMORY_KIB, PASSES, LANES, new byte[SALT_OCTETS], new byte[HASH_OCTETS]);
  }

  /** As costly as this one, and of no password. */
  PasswordHash likeOfNobody() {
    return new PasswordHash(memoryKib, passes, lanes, salt, new byte[hash.length]);
  }

  /**
   * Reads the PHC string.
   *
   * @throws IllegalArgumentException if it is none, too weak or too costly; without its text
   */
  static PasswordHash parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("that is no hash $argon2id$v=19$m=…,t=…,p=…$salt$hash");
    }
    int memory = Integer.parseInt(form.group(1));
    int passes = Integer.parseInt(form.group(2));
    int lanes = Integer.parseInt(form.group(3));
    if (lanes < 1
        || lanes > MAX_LANES
        || passes < 1
        || passes > MAX_PASSES
        || memory < 8 * lanes
        || memory > MAX_MEMORY_KIB) {
      throw new IllegalArgumentException(
          "the hash costs too little or too much: p is 1 to "
              + MAX_LANES
              + ", t 1 to "
              + MAX_PASSES
              + ", m 8 times p to "
              + MAX_MEMORY_KIB);
    }
    var salt = Base64.getDecoder().decode(form.group(4));
    var hash = Base64.getDecoder().decode(form.group(5));
    if (salt.length < LEAST_SALT_OCTETS || hash.length < LEAST_HASH_OCTETS) {
      throw new IllegalArgumentException("the salt or the hash is too short");
    }
    return new PasswordHash(memory, passes, lanes, salt, hash);
  }

  /** Whether it is of this password; in constant time. */
  boolean matches(byte[] password) {
    return MessageDigest.isEqual(hash, computed(password));
  }

  private byte[] computed(byte[] password) {
    var argon2 = new Argon2BytesGenerator();
    argon2.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    var computed = new byte[hash.length];
    argon2.generateBytes(password, computed);
    return computed;
  }

  /** The PHC string, for the file. */
  String phc() {
    var base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m="
        + memoryKib
        + ",t="
        + passes
        + ",p="
        + lanes
        + "$"
        + base64.encodeToString(salt)
        + "$"
        + base64.encodeToString(hash);
  }

  @Override
  public String toString() {
    return "PasswordHash[argon2id]";
  }
}
