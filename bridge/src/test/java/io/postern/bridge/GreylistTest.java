package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.GreylistStore;
import io.postern.out.PublicAddress;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.SmtpReply;
import io.postern.xmtp.identity.InboxId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6647. */
@OnEachDatabase
class GreylistTest {
  private static final String CLIENT = "8.8.8.8";
  private static final String BOB = "bob@example.org";
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

  private final TestClock clock = new TestClock();
  private final TestDns dns = new TestDns();
  private TestStore store;
  private Greylist greylist;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    greylist =
        new Greylist(
            new GreylistStore(store.jdbi()),
            new BindingStore(store.jdbi()),
            PublicAddress::isPublic,
            dns,
            "mx.bridge.example",
            clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Optional<SmtpReply> ask(String client, String sender, String recipient) throws Exception {
    return greylist.check(
        new ClientCheck.Attempt(
            InetAddress.getByName(client),
            "mx.example.org",
            sender.isEmpty() ? Optional.empty() : Optional.of(Mailbox.parse(sender)),
            new Mailbox(recipient, "bridge.example")));
  }

  @Test
  void aStrangerComesASecondTime() throws Exception {
    assertThat(ask(CLIENT, BOB, "alice").orElseThrow())
        .hasToString(
            "450 4.7.1 Greylisted, because we do not know each other yet; try again in 5 minutes");
    clock.goOn(FIVE_MINUTES);

    assertThat(ask(CLIENT, BOB, "alice")).isEmpty();
    assertThat(ask(CLIENT, BOB, "alice")).isEmpty();
    assertThat(ask(CLIENT, BOB, "carol")).as("another pair").isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "8.8.8.8, 8.8.8.9, true",
    "8.8.8.8, 8.8.9.8, false",
    "2600:1:2:3::1, 2600:1:2:3:ffff::2, true",
    "2600:1:2:3::1, 2600:1:2:4::1, false",
  })
  void serversOfOneNetworkAreOneClient(String first, String second, boolean passes)
      throws Exception {
    ask(first, BOB, "alice");
    clock.goOn(FIVE_MINUTES);

    assertThat(ask(second, "BOB@Example.org", "Alice").isEmpty()).isEqualTo(passes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "10.0.0.1", "::1", "fd00::1"})
  void networksOfOurOwnDoNotWait(String client) throws Exception {
    assertThat(ask(client, BOB, "alice")).isEmpty();
  }

  @Test
  void reportsDoNotWait() throws Exception {
    assertThat(ask(CLIENT, "", "alice")).isEmpty();
  }

  @Test
  void whoHasAnInboxDoesNotWait() throws Exception {
    new BindingStore(store.jdbi())
        .add(
            new Binding.Hosted(
                new Mailbox("bob", "example.org"),
                new InboxId("1".repeat(64)),
                0,
                clock.instant()));

    assertThat(ask(CLIENT, "Bob@example.org", "alice")).isEmpty();
  }

  @Test
  void aDomainWaitsOnceIfSpfKnowsItsServers() throws Exception {
    dns.txt("example.org", "v=spf1 ip4:8.8.0.0/16 -all");
    ask(CLIENT, BOB, "alice");
    clock.goOn(FIVE_MINUTES);
    ask(CLIENT, BOB, "alice");

    assertThat(ask("8.8.4.4", "carol@example.org", "dave")).isEmpty();
    assertThat(ask("9.9.9.9", "carol@example.org", "dave")).as("a forger waits").isPresent();
  }

  @Test
  void aDomainWithoutSpfWaitsForEachPair() throws Exception {
    ask(CLIENT, BOB, "alice");
    clock.goOn(FIVE_MINUTES);
    ask(CLIENT, BOB, "alice");

    assertThat(ask(CLIENT, "carol@example.org", "alice")).isPresent();
  }

  @Test
  void aNetworkThatComesWithTooManyWaitsLongerAndOthersAreHeard() throws Exception {
    for (int i = 0; i < 500; i++) {
      ask(CLIENT, "bot" + i + "@example.org", "alice");
    }
    ask(CLIENT, BOB, "alice");
    ask("9.9.9.9", BOB, "alice");
    clock.goOn(FIVE_MINUTES);

    assertThat(ask(CLIENT, BOB, "alice")).isPresent();
    assertThat(ask("9.9.9.9", BOB, "alice")).isEmpty();
    greylist.expire();
    assertThat(ask(CLIENT, BOB, "alice")).isPresent();
    clock.goOn(FIVE_MINUTES);
    assertThat(ask(CLIENT, BOB, "alice")).isEmpty();
  }

  @Test
  void whoHasWaitedIsHeardThoughTooManyOthersCameFromThere() throws Exception {
    ask(CLIENT, BOB, "alice");
    for (int i = 0; i < 500; i++) {
      ask(CLIENT, "bot" + i + "@example.org", "alice");
    }
    clock.goOn(FIVE_MINUTES);

    assertThat(ask(CLIENT, BOB, "alice")).isEmpty();
    assertThat(ask(CLIENT, "bot499@example.org", "alice")).as("the 501st").isPresent();
  }

  @Test
  void whoIsRememberedDoesNotWaitFor35Days() throws Exception {
    ask(CLIENT, BOB, "alice");
    clock.goOn(FIVE_MINUTES);
    ask(CLIENT, BOB, "alice");

    clock.goOn(Duration.ofDays(34));
    greylist.expire();
    assertThat(ask(CLIENT, BOB, "alice")).isEmpty();
    clock.goOn(Duration.ofDays(36));
    assertThat(ask(CLIENT, BOB, "alice")).isPresent();
  }

  @Test
  void aServerThatWritesDailyNeverWaitsAgain() throws Exception {
    ask(CLIENT, BOB, "alice");
    clock.goOn(FIVE_MINUTES);
    ask(CLIENT, BOB, "alice");

    for (int day = 0; day < 100; day++) {
      clock.goOn(Duration.ofDays(1).plusMinutes(1));
      greylist.expire();
      assertThat(ask(CLIENT, BOB, "alice")).as("day " + day).isEmpty();
    }
  }

  @Test
  void aDomainWhoseServersWriteDailyNeverWaitsAgain() throws Exception {
    dns.txt("example.org", "v=spf1 ip4:8.8.0.0/16 -all");
    ask(CLIENT, BOB, "alice");
    clock.goOn(FIVE_MINUTES);
    ask(CLIENT, BOB, "alice");

    for (int day = 0; day < 100; day++) {
      clock.goOn(Duration.ofDays(1).plusMinutes(1));
      greylist.expire();
      assertThat(ask("8.8.4.4", "n" + day + "@example.org", "dave")).as("day " + day).isEmpty();
    }
  }
}
