package io.postern.mls.schedule;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.Secret;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.TlsWriter;
import io.postern.mls.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The keys of one sender for one kind of message, one per generation. Turning the ratchet erases
 * what lies behind, except a few keys for messages that overtake each other. Not for several
 * threads. RFC 9420 §9.1.
 */
public final class HashRatchet {
  /** Generations are 32 bits wide; the last number is not used so that {@code next} fits too. */
  private static final long MAX_GENERATION = 0xffff_fffeL;

  private final CipherSuite suite;
  private final RatchetLimits limits;
  private final TreeMap<Long, MessageKey> skipped = new TreeMap<>();
  private Secret secret;
  private long next;

  HashRatchet(CipherSuite suite, RatchetLimits limits, Secret secret) {
    this.suite = suite;
    this.limits = limits;
    this.secret = secret;
  }

  static HashRatchet read(TlsReader in, CipherSuite suite, RatchetLimits limits)
      throws WireException {
    long next = in.uint32("next_generation");
    Secret secret = Secret.read(in, "ratchet_secret", suite.kdf().hashLength());
    HashRatchet ratchet = new HashRatchet(suite, limits, secret);
    ratchet.next = next;
    TlsReader vector = in.vector("skipped");
    while (vector.hasMore()) {
      MessageKey key = MessageKey.read(vector, suite);
      if (key.generation() >= next) {
        throw vector.malformed("skipped generation " + key.generation() + " is not behind " + next);
      }
      ratchet.skipped.put(key.generation(), key);
    }
    return ratchet;
  }

  void write(TlsWriter out) {
    out.uint32(next);
    secret.write(out);
    out.vector(inner -> skipped.values().forEach(key -> key.write(inner)));
  }

  /** Newest generation used + 1. */
  public long nextGeneration() {
    return next;
  }

  /** The key for a message of our own. It is spent from now on, whatever becomes of the message. */
  public MessageKey spendNext() {
    if (next > MAX_GENERATION) {
      throw new IllegalStateException("the ratchet has come to its end; a new epoch is due");
    }
    MessageKey key = MessageKey.derive(suite, secret, next);
    Secret turned = turn(secret, next);
    secret.erase();
    secret = turned;
    next++;
    return key;
  }

  /**
   * The key of a received generation, without changing the ratchet: a forged message must not move
   * it. The caller spends or drops the claim.
   *
   * @throws MlsException {@code GENERATION_SPENT} or {@code TOO_FAR_AHEAD}
   */
  public Claim claim(long generation) throws MlsException {
    if (generation < next) {
      MessageKey kept = skipped.get(generation);
      if (kept == null) {
        throw new MlsException(
            Failure.GENERATION_SPENT,
            "generation " + generation + " is used or too old; next is " + next);
      }
      return new Claim(kept, List.of(), null);
    }
    if (generation - next > limits.forward() || generation > MAX_GENERATION) {
      throw new MlsException(
          Failure.TOO_FAR_AHEAD, "generation " + generation + " is too far ahead; next is " + next);
    }
    List<MessageKey> passed = new ArrayList<>();
    Secret at = secret.copy();
    for (long g = next; g < generation; g++) {
      if (g >= generation + 1 - limits.outOfOrder()) {
        passed.add(MessageKey.derive(suite, at, g));
      }
      Secret turned = turn(at, g);
      at.erase();
      at = turned;
    }
    MessageKey key = MessageKey.derive(suite, at, generation);
    Secret turned = turn(at, generation);
    at.erase();
    return new Claim(key, passed, turned);
  }

  private Secret turn(Secret from, long generation) {
    return suite.kdf().deriveTreeSecret(from, "secret", generation, suite.kdf().hashLength());
  }

  void erase() {
    secret.erase();
    skipped.values().forEach(MessageKey::erase);
    skipped.clear();
  }

  /** A key taken out on trial. */
  public final class Claim {
    private final MessageKey key;
    private final List<MessageKey> passed;
    private final Secret turned;

    private Claim(MessageKey key, List<MessageKey> passed, Secret turned) {
      this.key = key;
      this.passed = passed;
      this.turned = turned;
    }

    /** The key; valid until {@link #spend} or {@link #drop}. */
    public MessageKey key() {
      return key;
    }

    /** The message was good: its generation is used, the ratchet has turned, the key is erased. */
    public void spend() {
      if (turned == null) {
        skipped.remove(key.generation());
      } else {
        passed.forEach(each -> skipped.put(each.generation(), each));
        secret.erase();
        secret = turned;
        next = key.generation() + 1;
        Map<Long, MessageKey> tooOld = skipped.headMap(next - limits.outOfOrder());
        tooOld.values().forEach(MessageKey::erase);
        tooOld.clear();
      }
      key.erase();
    }

    /** The message was not good: all stays as it was. */
    public void drop() {
      if (turned != null) {
        key.erase();
        turned.erase();
        passed.forEach(MessageKey::erase);
      }
    }
  }
}
