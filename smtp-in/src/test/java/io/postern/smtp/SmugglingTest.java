package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** SMTP smuggling: ends of data that some server takes for one, and this one does not. */
class SmugglingTest {
  @TempDir static Path folder;
  private static TestServer server;

  @BeforeAll
  static void open() throws Exception {
    server = TestServer.open(folder);
  }

  @AfterAll
  static void close() throws Exception {
    server.close();
  }

  /** All that are known, and each other ordering of one or two line ends on either side. */
  static Stream<String> falseEnds() {
    var known =
        Stream.of(
            "\n.\n",
            "\r.\r",
            "\r.\n",
            "\n.\r",
            "\n.\r\n",
            "\r\n.\n",
            "\r.\r\n",
            "\r\n.\r",
            "\r\n\0.\r\n",
            "\r\n.\0\r\n",
            "\r\n.\0\n",
            "\r\n\0.\n",
            "\n\n.\r\n",
            "\r\n.\r\r\n",
            "\r\n\r.\r\n",
            "\r\n.\n\r\n");
    var ends = new String[] {"\r", "\n", "\r\n", "\n\r", "\r\r", "\n\n"};
    var others =
        Stream.of(ends)
            .flatMap(before -> Stream.of(ends).map(after -> before + "." + after))
            .filter(end -> !end.equals("\r\n.\r\n"));
    return Stream.concat(known, others)
        .distinct()
        .map(end -> end.replace("\r", "<CR>").replace("\n", "<LF>").replace("\0", "<NUL>"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("falseEnds")
  void aFalseEndNeitherEndsTheDataNorPasses(String printed) throws Exception {
    var end = printed.replace("<CR>", "\r").replace("<LF>", "\n").replace("<NUL>", "\0");
    try (var client = ScriptedClient.inData(server.port())) {
      client.raw("Subject: outer\r\n\r\nouter" + end);
      client.raw("MAIL FROM:<ceo@example.org>\r\nRCPT TO:<alice@bridge.example>\r\nDATA\r\n");
      client.raw("Subject: smuggled\r\n\r\nsmuggled\r\n.\r\n");
      client.expect("554 5.6.0");
      client.ask("QUIT", "221 2.0.0");
      client.expectClosed();
    }
    assertThat(server.mails()).isEmpty();
  }

  /** RFC 2920 §3.1 allows it; both mails are what they say they are. */
  @Test
  void aSecondMailMayFollowTheRealEndWithoutWaiting() throws Exception {
    try (var other = TestServer.open(folder.resolve("other"));
        var client = ScriptedClient.inData(other.port())) {
      client.raw("Subject: 1\r\n\r\none\r\n.\r\n");
      client.raw("MAIL FROM:<bob@example.org>\r\nRCPT TO:<alice@bridge.example>\r\nDATA\r\n");
      client.expect("250 2.0.0");
      client.expect("250 2.1.0");
      client.expect("250 2.1.5");
      client.expect("354 ");
      client.raw("Subject: 2\r\n\r\ntwo\r\n.\r\n");
      client.expect("250 2.0.0");

      assertEquals(2, other.mails().size());
    }
  }

  @Test
  void aMailThatDoesNotWaitFor354IsNotTaken() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.raw(
          "MAIL FROM:<bob@example.org>\r\nRCPT TO:<alice@bridge.example>\r\nDATA\r\n"
              + "Subject: x\r\n\r\nMAIL FROM:<ceo@example.org>\r\n.\r\n");
      client.expect("250 2.1.0");
      client.expect("250 2.1.5");
      client.expect("554 5.5.0");
      client.expectClosed();
    }
    assertThat(server.mails()).isEmpty();
  }

  @Test
  void aHeaderFieldInPlaceOfACommandEndsTheSession() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("DATA", "503 5.5.1");
      client.send("Received: from somewhere by somebody");
      client.expect("421 4.7.0");
      client.expectClosed();
    }
  }

  @Test
  void anotherProtocolEndsTheSession() throws Exception {
    try (var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      client.raw("POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\nMAIL FROM:<ceo@example.org>\r\n");
      assertThat(client.rest()).isEqualTo("421 4.7.0 This is no SMTP command; closing\r\n");
    }
  }
}
