package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.bridge.web.StatusPage;
import io.postern.config.Config;
import io.postern.config.FilterSettings;
import io.postern.config.GateSettings;
import io.postern.config.Provision;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.mapping.QuotaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon, and what mail of strangers must pass. */
class GatesIT {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");

  private final TestDns dns = new TestDns().txt("example.org", "v=spf1 ip4:127.0.0.1 -all");
  private final GoingClock clock = new GoingClock();
  @TempDir Path folder;

  /** The time, and what somebody has put it forward by. */
  private static final class GoingClock extends Clock {
    private volatile Duration ahead = Duration.ZERO;

    void goOn(Duration by) {
      ahead = ahead.plus(by);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Clock.systemUTC().instant().plus(ahead);
    }
  }

  private Config config(GateSettings gates) {
    return new TestConfig(folder.resolve("data")).provision(Provision.VERIFIED).gates(gates).get();
  }

  private TestBridge open(GateSettings gates) throws Exception {
    return TestBridge.amongStrangers(config(gates), dns, clock);
  }

  private static Delivery mail(TestBridge bridge, Mailbox to, String id, String text) {
    return bridge.mail(
        BOB,
        to,
        "From: <bob@example.org>",
        "Subject: private matter",
        "Message-ID: <" + id + "@example.org>",
        "",
        text);
  }

  private static void assertLater(Delivery delivery, String words) {
    assertThat(delivery)
        .isInstanceOfSatisfying(
            Delivery.Deferred.class,
            deferred -> {
              assertThat(deferred.status()).isEqualTo("4.7.1");
              assertThat(deferred.reason()).contains(words);
            });
  }

  @Test
  void whatAFilterRefusesDoesNotComeInAndCanBeFound() throws Exception {
    var script = folder.resolve("filter.sh");
    Files.writeString(
        script,
        """
        file=$(sed 's/.*"file":"\\([^"]*\\)".*/\\1/')
        if grep -q pills "$file"; then
          echo '{"action": "reject", "words": "No <b>pills</b> here"}'
        else
          echo '{"action": "caution", "words": "Smells odd"}'
        fi
        """);
    var filter =
        FilterSettings.of(new FilterSettings.Command(List.of("/bin/sh", script.toString())));
    // Only what the filter lets in counts.
    var quota = QuotaSettings.defaults().withPerPerson(1);

    try (var bridge = open(GateSettings.defaults().withFilter(filter).withQuota(quota));
        var alice = new TestPeer(folder, bridge.nodeUrl())) {
      assertThat(mail(bridge, alice.mailbox(), "1", "cheap pills"))
          .isInstanceOfSatisfying(
              Delivery.Refused.class,
              refused -> assertThat(refused.advice()).contains("No <b>pills</b> here"));
      assertThat(mail(bridge, alice.mailbox(), "2", "hello"))
          .isInstanceOf(Delivery.Delivered.class);
      assertLater(mail(bridge, alice.mailbox(), "3", "hello again"), "No more mails of bob");

      await().untilAsserted(() -> assertThat(alice.heardTexts()).hasSize(1));
      assertThat(alice.heardTexts().get(0)).contains("Smells odd", "hello");
      await()
          .untilAsserted(
              () ->
                  assertThat(bridge.page(StatusPage.rejectsPath("BOB@example.org")))
                      .contains("550 5.7.1 No <b>pills</b> here", "<1@example.org>", "127.0.0.1")
                      .contains("451 4.7.1 No more mails of bob", "<3@example.org>"));
      assertThat(bridge.page("/rejects?name=example.org"))
          .contains("No &lt;b&gt;pills&lt;/b&gt; here")
          .doesNotContain("<b>", "private matter", "cheap");
    }
  }

  @Test
  void aQuotaLastsOverARestart() throws Exception {
    var gates = GateSettings.defaults().withQuota(QuotaSettings.defaults().withPerPerson(1));
    Mailbox alice;
    try (var bridge = open(gates);
        var peer = new TestPeer(folder, bridge.nodeUrl())) {
      alice = peer.mailbox();
      assertThat(mail(bridge, alice, "1", "one")).isInstanceOf(Delivery.Delivered.class);
    }

    try (var bridge = open(gates)) {
      assertLater(mail(bridge, alice, "2", "two"), "No more mails of bob@example.org than 1");
      assertThat(mail(bridge, alice, "1", "one"))
          .as("the same mail once more")
          .isInstanceOf(Delivery.Delivered.class);
      clock.goOn(Duration.ofDays(1));
      assertThat(mail(bridge, alice, "2", "two")).isInstanceOf(Delivery.Delivered.class);
    }
  }

  @Test
  void aStrangerIsGreylistedAndThenTaken() throws Exception {
    try (var bridge = open(GateSettings.defaults().withGreylist(true));
        var alice = new TestPeer(folder, bridge.nodeUrl())) {
      assertLater(mail(bridge, alice.mailbox(), "1", "hello"), "Greylisted");
      clock.goOn(Duration.ofMinutes(5));

      assertThat(mail(bridge, alice.mailbox(), "1", "hello"))
          .isInstanceOf(Delivery.Delivered.class);
      await().untilAsserted(() -> assertThat(alice.heardTexts()).hasSize(1));
    }
  }

  @Test
  void whomABlocklistNamesIsRefused() throws Exception {
    var name = "1.0.0.127.zen.example.org";
    dns.a(name, "127.0.0.4").txt(name, "an open relay");
    var gates = GateSettings.defaults().withBlocklists(List.of("zen.example.org"));
    try (var bridge = open(gates);
        var alice = new TestPeer(folder, bridge.nodeUrl())) {
      assertThat(mail(bridge, alice.mailbox(), "1", "hello"))
          .isInstanceOfSatisfying(
              Delivery.Refused.class,
              refused ->
                  assertThat(refused.advice())
                      .contains("127.0.0.1 is listed by zen.example.org: an open relay"));
    }
  }
}
