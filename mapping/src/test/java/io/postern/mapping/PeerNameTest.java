package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.inbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.xmtp.identity.EthereumAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** spec/content-types.md §9, "display name order". */
class PeerNameTest {
  private static final Optional<EthereumAddress> ADDRESS =
      Optional.of(new EthereumAddress("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));

  @Test
  void takesTheFirstThatThereIs() {
    assertEquals(
        "Al", PeerName.of(Optional.of("Al"), Optional.of("a.eth"), ADDRESS, inbox(1)).text());
    assertEquals(
        "a.eth", PeerName.of(Optional.of(" "), Optional.of("a.eth"), ADDRESS, inbox(1)).text());
    assertEquals(
        "0x5aAe…eAed", PeerName.of(Optional.empty(), Optional.empty(), ADDRESS, inbox(1)).text());
    assertEquals(
        "00000000",
        PeerName.of(Optional.empty(), Optional.empty(), Optional.empty(), inbox(1)).text());
  }

  @Test
  void staysOnOneLineWithoutMarksThatTurnText() {
    assertEquals(
        "Bob Bcc: eve@x.example", new PeerName("Bob\r\nBcc:\u202e eve@x.example\0").text());
  }

  @Test
  void isCut() {
    assertEquals("a".repeat(PeerName.MAX_CODE_POINTS) + "…", new PeerName("a".repeat(1000)).text());
  }

  @Test
  void isNeverEmpty() {
    assertThrows(IllegalArgumentException.class, () -> new PeerName("\u202e\n "));
  }
}
