package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Mailbox;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logo below each mail of a company comes into the conversation once. */
class LogosIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final String LOGO = "a logo of few octets";

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

  private void bobWrites(String id, String words, String disposition) {
    bridge.mail(
        BOB,
        alice.mailbox(),
        "From: Bob <" + BOB + ">",
        "To: " + alice.mailbox(),
        "Subject: Lunch",
        "Message-ID: <" + id + "@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/related; boundary=b",
        "",
        "--b",
        "Content-Type: text/html",
        "",
        "<p>" + words + "</p><p><img src='cid:logo" + id + "'></p>",
        "--b",
        "Content-Type: image/png; name=logo.png",
        "Content-ID: <logo" + id + ">",
        "Content-Disposition: " + disposition,
        "",
        LOGO,
        "--b--");
  }

  private String said(int message) {
    Content content = alice.heard().get(message);
    return content instanceof Attachment file
        ? file.filename().orElseThrow()
        : String.valueOf(content);
  }

  private void heard(int count) {
    await().atMost(PATIENCE).until(() -> alice.heard().size() == count);
  }

  @Test
  void theLogoOfASignatureIsShownOnce() {
    bobWrites("1", "the first mail", "inline");
    heard(2);
    assertThat(said(0)).contains("the first mail", "[image: logo.png]");
    assertThat(said(1)).isEqualTo("logo.png");

    bobWrites("2", "the second mail", "inline");
    heard(3);
    assertThat(said(2)).contains("the second mail").doesNotContain("image");

    // As a client does that did not hear our 250: the first mail has not lost its logo by this.
    bobWrites("1", "the first mail", "inline");
    bobWrites("3", "the third mail", "attachment");
    heard(5);
    assertThat(said(3)).contains("the third mail");
    assertThat(said(4)).isEqualTo("logo.png");
  }

  @Test
  void theWholeMailHasIt() throws Exception {
    bobWrites("1", "the first mail", "inline");
    heard(2);
    bobWrites("2", "the second mail", "inline");
    heard(3);

    alice.answer("/whole");

    heard(4);
    var file = (Attachment) alice.heard().get(3);
    assertThat(new String(file.octets().toByteArray(), StandardCharsets.UTF_8))
        .contains("the second mail", LOGO);
  }
}
