package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon where it takes nobody at their word. */
class VerifiedAuthorsIT {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  @TempDir Path folder;

  @Test
  void whoIsVerifiedIsCarriedAndWhoIsNotIsTold() throws Exception {
    var dns = new TestDns().txt("example.org", "v=spf1 ip4:127.0.0.1 -all");
    try (var bridge = TestBridge.verifying(folder.resolve("data"), dns);
        var alice = new TestPeer(folder, bridge.nodeUrl())) {
      var forged =
          bridge.mail(BOB, alice.mailbox(), "From: <ceo@victim.example>", "", "wire the money");
      var real = bridge.mail(BOB, alice.mailbox(), "From: <bob@example.org>", "", "hello");

      assertThat(forged)
          .isInstanceOfSatisfying(
              Delivery.Refused.class,
              refused -> {
                assertThat(refused.status()).isEqualTo("5.7.26");
                assertThat(refused.advice()).contains("nothing shows that victim.example sent");
              });
      assertThat(real).isInstanceOf(Delivery.Delivered.class);
      await().untilAsserted(() -> assertThat(alice.heardTexts()).hasSize(1));
      assertThat(alice.heardTexts().get(0)).contains("bob@example.org", "hello");
    }
  }
}
