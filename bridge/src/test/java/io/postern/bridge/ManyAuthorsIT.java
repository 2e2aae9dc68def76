package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More people write at once than a bounded pool has threads. */
class ManyAuthorsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int AUTHORS = 40;
  private static final int MAILS = 2;

  @TempDir Path folder;

  @Test
  void allAreHeardEachInTheirOrder() throws Exception {
    try (var bridge = TestBridge.open(folder.resolve("bridge"));
        var alice = new TestPeer(folder, bridge.nodeUrl())) {
      for (int mail = 0; mail < MAILS; mail++) {
        for (int author = 0; author < AUTHORS; author++) {
          assertThat(write(bridge, alice.mailbox(), author, mail))
              .isInstanceOf(Delivery.Delivered.class);
        }
      }

      await().atMost(PATIENCE).until(() -> lines(alice).size() == AUTHORS * MAILS);

      for (int author = 0; author < AUTHORS; author++) {
        var of = "author " + author + " ";
        assertThat(lines(alice).stream().filter(line -> line.startsWith(of)))
            .containsExactlyElementsOf(
                IntStream.range(0, MAILS).mapToObj(mail -> of + "mail " + mail).toList());
      }
    }
  }

  private static Delivery write(TestBridge bridge, Mailbox to, int author, int mail) {
    var from = new Mailbox("author" + author, "example.org");
    return bridge.mail(
        from,
        to,
        "From: <" + from + ">",
        "Subject: Re: Many",
        "Message-ID: <" + author + "." + mail + "@example.org>",
        "",
        "author " + author + " mail " + mail);
  }

  private static List<String> lines(TestPeer alice) {
    var lines = new ArrayList<String>();
    for (var text : alice.heardTexts()) {
      lines.add(text.substring(text.lastIndexOf('\n') + 1));
    }
    return lines;
  }
}
