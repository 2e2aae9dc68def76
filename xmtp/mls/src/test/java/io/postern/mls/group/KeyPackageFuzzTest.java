package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.MlsException;
import io.postern.mls.wire.TlsReader;
import java.time.Instant;

/** Whoever publishes a key package can put anything into it. */
class KeyPackageFuzzTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_750_000_000L);

  @FuzzTest(maxDuration = "10m")
  void verifiesOrRefuses(byte[] octets) {
    try {
      TlsReader in = new TlsReader(octets);
      KeyPackage read = KeyPackage.read(in);
      in.end("KeyPackage");
      assertThat(read.toOctets()).isEqualTo(octets);

      KeyPackage verified = VerifiedKeyPackage.verify(read, NOW).keyPackage();

      assertThat(verified).isEqualTo(read);
    } catch (MlsException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }
}
