package io.postern.xmtp.identity;

import io.postern.mls.crypto.Secret;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.util.BigIntegers;

/**
 * A seed as words for people to write down: 11 bits a word, the last ones a checksum. BIP-39, in
 * English.
 *
 * <pre>
 *   16 to 32 octets of entropy ‖ first bits of their SHA-256  =  12 to 24 words
 * </pre>
 */
public final class Mnemonic {
  private static final int BITS_PER_WORD = 11;
  private static final int ROUNDS = 2048;
  private static final int SEED_BITS = 512;
  private static final int ENTROPY_OF_24_WORDS = 32;

  private final Secret entropy;

  private Mnemonic(Secret entropy) {
    this.entropy = entropy;
  }

  /** 24 new words. */
  public static Mnemonic generate(SecureRandom random) {
    return new Mnemonic(Secret.random(ENTROPY_OF_24_WORDS, random));
  }

  /**
   * The words for this entropy, which the mnemonic takes over.
   *
   * @throws IllegalArgumentException unless there are 16, 20, 24, 28 or 32 octets
   */
  public static Mnemonic of(Secret entropy) {
    if (!isEntropyLength(entropy.length())) {
      throw new IllegalArgumentException(
          "entropy has 16, 20, 24, 28 or 32 octets, not " + entropy.length());
    }
    return new Mnemonic(entropy);
  }

  /**
   * Reads words as people type them: in either case, with any white space between.
   *
   * @throws IdentityException if there are too few or too many, one is not in the list, or the
   *     checksum tells of a mistake. The message says which word by its place, never the word
   */
  public static Mnemonic parse(CharSequence text) throws IdentityException {
    var words = text.toString().strip().toLowerCase(Locale.ROOT).split("\\s+");
    int bits = words.length * BITS_PER_WORD;
    int entropyLength = bits / 33 * 4;
    if (words.length % 3 != 0 || !isEntropyLength(entropyLength)) {
      throw IdentityError.INVALID_INPUT.with(
          "a mnemonic has 12, 15, 18, 21 or 24 words, not " + words.length);
    }
    var value = BigInteger.ZERO;
    for (int i = 0; i < words.length; i++) {
      int number = WordList.number(words[i]);
      if (number < 0) {
        throw IdentityError.INVALID_INPUT.with(
            "word " + (i + 1) + " of the mnemonic is not in the English list of BIP-39");
      }
      value = value.shiftLeft(BITS_PER_WORD).or(BigInteger.valueOf(number));
    }
    int checksumBits = bits - entropyLength * Byte.SIZE;
    var octets = octets(value.shiftRight(checksumBits), entropyLength);
    var checksum = value.mod(BigInteger.ONE.shiftLeft(checksumBits));
    if (!checksum.equals(BigInteger.valueOf(checksum(octets)))) {
      Arrays.fill(octets, (byte) 0);
      throw IdentityError.INVALID_INPUT.with(
          "the checksum of the mnemonic is wrong: a word is mistaken, or two have changed places");
    }
    return new Mnemonic(Secret.take(octets));
  }

  /** The words, in order. Whoever sees them has the seed. */
  public List<String> words() {
    var octets = entropy.toOctets();
    int checksumBits = checksumBits(octets.length);
    var value =
        new BigInteger(1, octets).shiftLeft(checksumBits).or(BigInteger.valueOf(checksum(octets)));
    int count = (octets.length * Byte.SIZE + checksumBits) / BITS_PER_WORD;
    Arrays.fill(octets, (byte) 0);
    var words = new ArrayList<String>(count);
    for (int i = count - 1; i >= 0; i--) {
      int number = value.shiftRight(i * BITS_PER_WORD).intValue() & WordList.SIZE - 1;
      words.add(WordList.word(number));
    }
    return List.copyOf(words);
  }

  /** A copy of the entropy; whoever asks erases it. */
  public Secret entropy() {
    return entropy.copy();
  }

  /** The seed without a passphrase, as wallet programs make it. */
  public Seed seed() {
    return seed("");
  }

  /** The seed with a passphrase of which no trace is in the words. */
  public Seed seed(CharSequence passphrase) {
    var password = password();
    var salt =
        ("mnemonic" + Normalizer.normalize(passphrase, Normalizer.Form.NFKD))
            .getBytes(StandardCharsets.UTF_8);
    var stretch = new PKCS5S2ParametersGenerator(new SHA512Digest());
    stretch.init(password, salt, ROUNDS);
    var parameters = (KeyParameter) stretch.generateDerivedMacParameters(SEED_BITS);
    Arrays.fill(password, (byte) 0);
    return Seed.of(Secret.take(parameters.getKey()));
  }

  /** Wipes the entropy; the words are gone. */
  public void erase() {
    entropy.erase();
  }

  /** The words with one space between; as octets, which can be wiped. */
  private byte[] password() {
    var words = words();
    int letters = words.stream().mapToInt(String::length).sum();
    var password = ByteBuffer.allocate(letters + words.size() - 1);
    for (var word : words) {
      if (password.position() > 0) {
        password.put((byte) ' ');
      }
      password.put(word.getBytes(StandardCharsets.US_ASCII));
    }
    return password.array();
  }

  private static boolean isEntropyLength(int octets) {
    return octets % 4 == 0 && octets >= 16 && octets <= ENTROPY_OF_24_WORDS;
  }

  private static int checksumBits(int entropyLength) {
    return entropyLength / 4;
  }

  private static int checksum(byte[] entropy) {
    try {
      int first = MessageDigest.getInstance("SHA-256").digest(entropy)[0] & 0xff;
      return first >> Byte.SIZE - checksumBits(entropy.length);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }

  private static byte[] octets(BigInteger value, int length) {
    return BigIntegers.asUnsignedByteArray(length, value);
  }

  @Override
  public String toString() {
    return "Mnemonic(" + entropy + ")";
  }
}
