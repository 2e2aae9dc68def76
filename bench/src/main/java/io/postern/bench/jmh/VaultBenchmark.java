package io.postern.bench.jmh;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.store.Vault;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Sealing what lies in the database: a ratchet state or an epoch. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class VaultBenchmark {
  private static final String PLACE = "bench.octets";

  @Param({"1024", "65536"})
  public int octets;

  private Vault vault;
  private byte[] plain;
  private byte[] sealed;

  @Setup
  public void seal() {
    vault = Vault.of(Secret.random(Vault.KEY_LENGTH, new SecureRandom()));
    plain = new byte[octets];
    sealed = vault.seal(PLACE, plain);
  }

  @Benchmark
  public byte[] sealing() {
    return vault.seal(PLACE, plain);
  }

  @Benchmark
  public byte[] opening() {
    return vault.open(PLACE, sealed);
  }
}
