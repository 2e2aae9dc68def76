package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RandomOctetsTest {
  private static final List<String> WORDS =
      List.of(
          "EHLO x\r\n",
          "HELO x\r\n",
          "MAIL FROM:<a@b.example>\r\n",
          "MAIL FROM:<> SIZE=1\r\n",
          "RCPT TO:<alice@bridge.example>\r\n",
          "DATA\r\n",
          "\r\n.\r\n",
          "RSET\r\n",
          "NOOP\r\n",
          "\r",
          "\n",
          ".",
          "\0",
          "<",
          ">",
          "\"",
          "\\",
          " ",
          "x",
          "\r\n",
          "BDAT 3\r\n",
          "VRFY\r\n");

  @TempDir Path folder;

  /** Whatever comes, every line back is a reply, and the next client is served. */
  @Test
  void answersRandomOctetsWithRepliesOnly() throws Exception {
    try (var server = TestServer.open(folder)) {
      for (long seed = 0; seed < 150; seed++) {
        var random = new SplittableRandom(seed);
        try (var client = ScriptedClient.connect(server.port())) {
          client.raw(random.nextBoolean() ? octets(random) : words(random));
          client.finishSending();
          for (var line : client.rest().split("\r\n")) {
            assertThat(line).as("seed %d", seed).matches("[2-5]\\d\\d[ -][ -~]*|");
          }
        }
      }
      try (var client = ScriptedClient.inData(server.port())) {
        client.raw("\r\nhi\r\n.\r\n");
        client.expect("250 2.0.0");
      }
    }
  }

  private static byte[] octets(SplittableRandom random) {
    var octets = new byte[random.nextInt(5_000)];
    random.nextBytes(octets);
    return octets;
  }

  private static byte[] words(SplittableRandom random) {
    var text = new StringBuilder("EHLO x\r\n".repeat(random.nextInt(2)));
    for (int i = random.nextInt(200); i > 0; i--) {
      text.append(WORDS.get(random.nextInt(WORDS.size())));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
