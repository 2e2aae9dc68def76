package io.postern.bench.jmh;

import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.ContentCodec;
import io.postern.xmtp.content.ContentException;
import io.postern.xmtp.content.Text;
import java.util.concurrent.TimeUnit;
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

/** A text of 4 KB to octets and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class ContentBenchmark {
  private static final int CHARACTERS = 4096;

  private Content text;
  private byte[] octets;

  @Setup
  public void encodeText() throws ContentException {
    text = new Text("x".repeat(CHARACTERS));
    octets = ContentCodec.encode(text);
  }

  @Benchmark
  public byte[] encode() throws ContentException {
    return ContentCodec.encode(text);
  }

  @Benchmark
  public Content decode() {
    return ContentCodec.decode(octets);
  }
}
