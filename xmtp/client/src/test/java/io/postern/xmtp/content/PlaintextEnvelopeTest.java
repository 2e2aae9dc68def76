package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlaintextEnvelopeTest {
  private static final PlaintextEnvelope.V1 SENT =
      new PlaintextEnvelope.V1(Octets.ofHex("010203"), "key");
  private static final String WRITTEN = "0a0a0a0301020312036b6579";

  static LongStream seeds() {
    return LongStream.range(0, 500);
  }

  @Test
  void writesV1() {
    assertThat(HexFormat.of().formatHex(SENT.write())).isEqualTo(WRITTEN);
  }

  @Test
  void readsBackWhatItWrote() throws Exception {
    assertThat(PlaintextEnvelope.read(SENT.write())).isEqualTo(SENT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1200", "12050a03616263", "1a03010203"})
  void passesOverV2AndWhatTheFutureBrings(String hex) throws Exception {
    assertThat(PlaintextEnvelope.read(HexFormat.of().parseHex(hex)))
        .isEqualTo(new PlaintextEnvelope.Ignorable());
  }

  @Test
  void refusesEachTruncation() {
    byte[] whole = SENT.write();
    for (int length = 1; length < whole.length; length++) {
      byte[] truncated = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> PlaintextEnvelope.read(truncated))
          .isInstanceOf(ContentException.class);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void throwsNothingButItsOwnExceptionOnRandomOctets(long seed) {
    var random = new SplittableRandom(seed);
    byte[] octets = new byte[random.nextInt(60)];
    random.nextBytes(octets);

    try {
      assertThat(PlaintextEnvelope.read(octets)).isNotNull();
    } catch (ContentException refused) {
      assertThat(refused).hasMessageContaining("PlaintextEnvelope");
    }
  }

  @Test
  void carriesAMessageWithItsPush() throws Exception {
    var message = EncodedMessage.of(new Text("hi"), "email:1");

    assertThat(message.shouldPush()).isTrue();
    assertThat(message.silent().shouldPush()).isFalse();
    assertThat(message.silent().envelope()).isEqualTo(message.envelope());
    byte[] group = new byte[16];
    assertThat(message.id(group))
        .isEqualTo(MessageId.of(group, "email:1", ContentCodec.encode(new Text("hi"))));
  }
}
