package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.postern.node.MlsHeader.ContentType;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MlsHeaderTest {
  private static final ByteString GROUP = MlsOctets.groupId(7);

  @ParameterizedTest
  @CsvSource({"1, APPLICATION, false", "2, PROPOSAL, true", "3, COMMIT, true"})
  void tellsGroupAndKindOfAPrivateMessage(int number, ContentType type, boolean isCommit)
      throws Exception {
    var header =
        MlsHeader.read(MlsOctets.privateMessage(GROUP, number, ByteString.copyFromUtf8("secret")));

    assertThat(header).isEqualTo(new MlsHeader(GROUP, type));
    assertThat(header.isCommit()).isEqualTo(isCommit);
  }

  @ParameterizedTest
  @CsvSource({"1, APPLICATION", "2, PROPOSAL", "3, COMMIT"})
  void tellsGroupAndKindOfAPublicMessage(int number, ContentType type) throws Exception {
    assertThat(MlsHeader.read(MlsOctets.publicMessage(GROUP, number)))
        .isEqualTo(new MlsHeader(GROUP, type));
  }

  @ParameterizedTest
  @CsvSource({"0", "63", "64", "16383", "16384", "100000"})
  void readsVectorsOfEachLength(int size) throws Exception {
    var message =
        MlsOctets.privateMessage(GROUP, MlsOctets.COMMIT, ByteString.copyFrom(new byte[size]));

    assertThat(MlsHeader.read(message).contentType()).isEqualTo(ContentType.COMMIT);
  }

  @Test
  void refusesEachTruncation() {
    var message = MlsOctets.application(GROUP, "hello");

    for (var length = 0; length < message.size(); length++) {
      var cut = message.substring(0, length);
      assertThrows(RefusedException.class, () -> MlsHeader.read(cut), "cut to " + length);
    }
  }

  @Test
  void refusesOctetsBehindTheEnd() {
    var message = MlsOctets.application(GROUP, "hello").concat(ByteString.copyFromUtf8("x"));

    assertThatThrownBy(() -> MlsHeader.read(message))
        .hasMessageContaining("1 octets behind its end");
  }

  @ParameterizedTest
  @CsvSource({
    "0002, version",
    "00010003, wire format",
    "0001000200, group id",
    "00010002ff, bits 11",
    "0001000210000000000000000000000000000000000000000000000000ff, content type is 255",
    "000100011000000000000000000000000000000000000000000000000009, sender type is 9"
  })
  void saysWhatIsWrong(String hex, String reason) {
    var octets = ByteString.fromHex(hex);

    assertThatThrownBy(() -> MlsHeader.read(octets))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("invalid group message: ")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest(name = "seed {0}")
  @CsvSource({"1", "2", "3"})
  void meetsRandomOctetsWithItsOwnException(long seed) {
    var random = new SplittableRandom(seed);
    for (var round = 0; round < 20_000; round++) {
      var octets = new byte[random.nextInt(60)];
      random.nextBytes(octets);
      if (octets.length > 4 && round % 2 == 0) {
        octets[0] = 0;
        octets[1] = 1;
        octets[2] = 0;
        octets[3] = (byte) (1 + random.nextInt(2));
      }
      try {
        assertThat(MlsHeader.read(ByteString.copyFrom(octets)).groupId()).isNotEmpty();
      } catch (RefusedException expected) {
        assertThat(expected).hasMessageStartingWith("invalid group message: ");
      }
    }
  }
}
