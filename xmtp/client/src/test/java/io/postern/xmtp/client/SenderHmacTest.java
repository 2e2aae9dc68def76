package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.network.GroupId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vector of the groups document, appendix B 2. */
class SenderHmacTest {
  private static final GroupId GROUP = GroupId.parse("11".repeat(16));
  private static final byte[] DATA = "hello".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest(name = "epoch {0}")
  @CsvSource({
    "692,"
        + "98342f4eaf3a205642b7149e5c0aced82483e860db37c055d12bfd2c7770a0f27e099f1484a63f02d964,"
        + "061b797e7420f8519071a9e572f9633e2299cc7c22eb688e623166bc7116c8a4",
    "691,"
        + "79b487755e25d8bfde35f38a5b5404290abdae40033d31c6479af4b98739755ef08b2b0deb5caed663a3,"
        + "6361d6c7bc2fc42d1229c886e8090925ea1439bc983cf8bfa4c9ffbbf8c8ecad"
  })
  void tagsAsTheReferenceDoes(long epoch, String key, String tag) {
    var root = new byte[SenderHmac.KEY_LENGTH];
    for (int i = 0; i < root.length; i++) {
      root[i] = (byte) i;
    }
    var secret = Secret.take(root);

    assertThat(hex(SenderHmac.key(secret, GROUP, epoch))).isEqualTo(key);
    assertThat(hex(SenderHmac.tag(secret, GROUP, Instant.ofEpochSecond(epoch * 2_592_000), DATA)))
        .isEqualTo(tag);
  }

  private static String hex(byte[] octets) {
    return HexFormat.of().formatHex(octets);
  }
}
