package io.postern.mls.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mls.Vectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class DeserializationVectorTest {
  @TestFactory
  Stream<DynamicTest> readsAndWritesLengthHeaders() {
    return Vectors.each(
        "deserialization.json",
        entry -> {
          byte[] header = Vectors.octets(entry, "vlbytes_header");
          int length = entry.get("length").asInt();

          TlsReader in = new TlsReader(header);

          assertThat(in.length("length")).isEqualTo(length);
          assertThat(in.hasMore()).isFalse();
          assertThat(new TlsWriter().length(length).toOctets()).isEqualTo(header);
        });
  }
}
