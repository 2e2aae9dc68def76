package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Text;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTML is Markdown for those whose program shows it. */
class MarkdownIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  @TempDir Path folder;
  private TestBridge bridge;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    bridge = TestBridge.open(folder.resolve("bridge"));
    alice = new TestPeer(folder, bridge.nodeUrl());
  }

  @AfterEach
  void close() {
    alice.close();
    bridge.close();
  }

  private void bobWrites(String id, String type, String words) {
    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: Re: Lunch",
        "Message-ID: <" + id + "@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: " + type,
        "",
        words);
  }

  private Content heard(int count) {
    await().atMost(PATIENCE).until(() -> alice.heard().size() == count);
    return alice.heard().get(count - 1);
  }

  private void mailed(int count) {
    await().atMost(PATIENCE).until(() -> bridge.captured().size() == count);
  }

  @Test
  void aPeerWhoWritesMarkdownReadsMarkdown() throws Exception {
    bobWrites("1", "text/html", "<p>Are you <b>free</b>?</p>");
    assertThat(((Text) heard(1)).text()).endsWith("Are you free?");

    alice.say(new Markdown("At **noon**"));
    mailed(1);
    bobWrites("2", "text/html", "<p><b>Noon</b> it is</p>");
    assertThat(heard(2)).isEqualTo(new Markdown("**Noon** it is"));
    bobWrites("3", "text/plain", "2 * 3 = 6");
    assertThat(heard(3)).isEqualTo(new Text("2 * 3 = 6"));

    // As a client does that did not hear our 250.
    bobWrites("2", "text/html", "<p><b>Noon</b> it is</p>");
    alice.answer("Or one?");
    mailed(2);
    bobWrites("4", "text/html", "<p><b>One</b>, then</p>");
    assertThat(heard(4)).isEqualTo(new Text("One, then"));
  }
}
