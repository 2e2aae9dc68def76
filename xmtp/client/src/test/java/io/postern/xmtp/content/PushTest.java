package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** §5, against what libxmtp put on the wire. */
class PushTest {
  private static final Map<String, String> FILES =
      Map.ofEntries(
          Map.entry("text", "text"),
          Map.entry("markdown", "markdown"),
          Map.entry("reply", "reply"),
          Map.entry("reaction added", "reaction"),
          Map.entry("readReceipt", "read-receipt"),
          Map.entry("attachment", "attachment"),
          Map.entry("remoteStaticAttachment", "remote-attachment"),
          Map.entry("multiRemoteStaticAttachment", "multi-remote-attachment"),
          Map.entry("transactionReference", "transaction-reference"),
          Map.entry("walletSendCalls", "wallet-send-calls"),
          Map.entry("actions", "actions"),
          Map.entry("intent", "intent"),
          Map.entry("deleteMessage (target unknown)", "delete-message"),
          Map.entry("group_updated sent as an application message (spoof)", "group-updated"));

  static Stream<Arguments> cases() {
    var rows = Vectors.file("behaviour").at("/sections/visibility/rows");
    return Vectors.stream(rows)
        .filter(row -> FILES.containsKey(row.get("case").asText()))
        .map(row -> Arguments.of(row.get("case").asText(), row));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void asksForAPushWhereLibxmtpDoes(String name, JsonNode row) {
    var content =
        Vectors.content(Vectors.list(FILES.get(name), "vectors").findFirst().orElseThrow());

    assertThat(content.shouldPush()).isEqualTo(row.get("should_push_on_wire").asBoolean());
  }
}
