package io.postern.mls.framing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.wire.WireException;

/** What is read is written again octet by octet; all else is refused. */
class MlsMessageFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void readsOnlyWhatItWouldWrite(byte[] octets) {
    MlsMessage message;
    try {
      message = MlsMessage.read(octets);
    } catch (WireException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return;
    }

    assertThat(message.toOctets()).isEqualTo(octets);
  }
}
