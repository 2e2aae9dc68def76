package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoopCheckTest {
  private final LoopCheck loops = new LoopCheck(List.of("Bridge.example"));

  @Test
  void allowsThirtyHostsAndNoMore() {
    assertThat(loops.check(Collections.nCopies(30, "Received: from x"))).isEmpty();

    var refusal = loops.check(Collections.nCopies(31, "received : from x")).orElseThrow();

    assertEquals(554, refusal.code());
    assertEquals("5.4.6", refusal.status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-XMTP-Sender: 0xabc@bridge.example",
        "x-xmtp-message-id: 12 via BRIDGE.EXAMPLE",
        "X-XMTP-Anything:bridge.example.",
      })
  void knowsItsOwnMark(String field) {
    assertEquals("5.4.6", loops.check(List.of("Subject: hi", field)).orElseThrow().status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-XMTP-Sender: 0xabc@other.example",
        "X-XMTP-Sender: 0xabc@sub.bridge.example",
        "X-XMTP-Sender: 0xabc@bridge.example.net",
        "X-XMTP-Sender: 0xabc@my-bridge.example",
        "Subject: X-XMTP-Sender: bridge.example",
        "To: alice@bridge.example",
        "no colon",
      })
  void leavesOthersAlone(String field) {
    assertThat(loops.check(List.of(field))).isEmpty();
  }

  @Test
  void withoutDomainsCountsHostsOnly() {
    assertThat(new LoopCheck(List.of()).check(List.of("X-XMTP-Sender: a@b.example"))).isEmpty();
  }

  @Test
  void theHeaderEndsAtTheEmptyLine() {
    var header = new HeaderBlock();
    accept(header, "A: 1\r\n folded\r\n\tagain\r\nB: 2\r\n\r\nC: 3\r\n");

    assertEquals(List.of("A: 1 folded\tagain", "B: 2"), header.fields());
  }

  @Test
  void theHeaderMayComeOctetByOctet() {
    var header = new HeaderBlock();
    for (var octet : "A: 1\r\nB: 2\r\n\r\nC: 3".split("")) {
      accept(header, octet);
    }

    assertEquals(List.of("A: 1", "B: 2"), header.fields());
  }

  @Test
  void aHeaderWithoutEndIsTooLong() {
    var header = new HeaderBlock();

    accept(header, "A: ".repeat(HeaderBlock.MAX_OCTETS));

    assertTrue(header.isTooLong());
  }

  @Test
  void aHeaderThatBeginsFoldedOrHasEmptyFieldsIsRead() {
    var header = new HeaderBlock();
    accept(header, " folded\r\n\tagain\r\nB: 2\r\n");

    assertEquals(List.of(" folded\tagain", "B: 2"), header.fields());
    assertEquals(List.of(), new HeaderBlock().fields());
  }

  @Test
  void aFieldOfVeryManyLinesIsCopiedOnceAndNotOncePerLine() {
    var header = new HeaderBlock();
    int lines = 80_000;
    accept(header, "A: 1\r\n" + " \r\n".repeat(lines) + "B: 2\r\n\r\n");
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    var fields = header.fields();

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L << 20);
    assertEquals(List.of("A: 1" + " ".repeat(lines), "B: 2"), fields);
  }

  private static void accept(HeaderBlock header, String text) {
    var octets = text.getBytes(StandardCharsets.ISO_8859_1);
    header.accept(octets, 0, octets.length);
  }
}
