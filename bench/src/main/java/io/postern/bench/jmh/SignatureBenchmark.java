package io.postern.bench.jmh;

import io.postern.mls.crypto.Edwards25519;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Verifying what is signed with a key that was seen before, with a new one, and beside another. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class SignatureBenchmark {
  /** More than are kept with their multiples. */
  private static final int KEYS = 1024;

  private static final byte[] PURE = {};

  private final byte[] message = new byte[300];
  private final byte[][] keys = new byte[KEYS][Ed25519.PUBLIC_KEY_SIZE];
  private final byte[][] signatures = new byte[KEYS][Ed25519.SIGNATURE_SIZE];
  private int next;

  @Setup
  public void sign() {
    var random = new SecureRandom();
    for (int i = 0; i < KEYS; i++) {
      var seed = new byte[Ed25519.SECRET_KEY_SIZE];
      random.nextBytes(seed);
      Ed25519.generatePublicKey(seed, 0, keys[i], 0);
      Ed25519.sign(seed, 0, message, 0, message.length, signatures[i], 0);
    }
  }

  @Benchmark
  public boolean known() {
    return Edwards25519.verifyStrictly(keys[0], signatures[0], PURE, message);
  }

  @Benchmark
  public boolean unknown() {
    next = (next + 1) % KEYS;
    return Edwards25519.verifyStrictly(keys[next], signatures[next], PURE, message);
  }

  /** Without the question whether both points lie in the large subgroup. */
  @Benchmark
  public boolean bouncyCastle() {
    return Ed25519.verify(signatures[0], 0, keys[0], 0, message, 0, message.length);
  }
}
