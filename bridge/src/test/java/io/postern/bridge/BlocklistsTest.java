package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Mailbox;
import io.postern.out.PublicAddress;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5782. */
class BlocklistsTest {
  private static final String CLIENT = "8.8.4.1";
  private static final String NAME = "1.4.8.8.zen.example.org";

  private final TestClock clock = new TestClock();
  private final TestDns dns = new TestDns();
  private final Blocklists lists =
      new Blocklists(
          List.of("zen.example.org", "other.example.org"), PublicAddress::isPublic, dns, clock);

  private Optional<SmtpReply> ask(String client) throws Exception {
    var alice = new Mailbox("alice", "bridge.example");
    return lists.check(
        new ClientCheck.Attempt(InetAddress.getByName(client), "mx", Optional.empty(), alice));
  }

  @Test
  void refusesWhoIsListedWithTheWordsOfTheList() throws Exception {
    dns.a(NAME, "127.0.0.2").txt(NAME, "See https://example.org/q?ip=8.8.4.1");

    assertThat(ask(CLIENT).orElseThrow())
        .hasToString(
            "554 5.7.1 8.8.4.1 is listed by zen.example.org: See https://example.org/q?ip=8.8.4.1");
    assertThat(ask("8.8.4.2")).isEmpty();
  }

  @Test
  void anyOfTheListsIsEnough() throws Exception {
    dns.a("1.4.8.8.other.example.org", "127.0.0.11", "127.0.0.4");

    assertThat(ask(CLIENT).orElseThrow().lines().get(0)).contains("other.example.org");
  }

  @Test
  void findsIpv6ByItsNibbles() throws Exception {
    // RFC 5782 §2.4.
    var nibbles = "1.1.1.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.4.6.0.6.2";
    dns.a(nibbles + ".zen.example.org", "127.0.0.3");

    assertThat(ask("2606:4700::1111")).isPresent();
    assertThat(ask("2606:4700::1112")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.255.255.254", "127.255.255.0", "203.0.113.9", "0.0.0.0", "2001:db8::1"})
  void otherCodesListNobody(String code) throws Exception {
    dns.a(NAME, code);

    assertThat(ask(CLIENT)).isEmpty();
  }

  @Test
  void aCodeBesideAnErrorCounts() throws Exception {
    dns.a(NAME, "127.255.255.254", "127.0.0.2");

    assertThat(ask(CLIENT)).isPresent();
  }

  @Test
  void aListThatDoesNotAnswerRefusesNobody() throws Exception {
    dns.silent(NAME);
    assertThat(ask(CLIENT)).isEmpty();

    dns.a("1.4.8.8.other.example.org", "127.0.0.2");
    clock.goOn(Duration.ofMinutes(2));
    assertThat(ask(CLIENT)).as("the other list answers").isPresent();
  }

  @Test
  void reasonsThatCannotBeHadAreLeftOut() throws Exception {
    dns.a(NAME, "127.0.0.2");

    assertThat(ask(CLIENT).orElseThrow())
        .hasToString("554 5.7.1 8.8.4.1 is listed by zen.example.org");
  }

  @Test
  void theWordsOfAListForgeNoReply() throws Exception {
    dns.a(NAME, "127.0.0.2").txt(NAME, "x\r\n250 2.0.0 taken\u0000\u009b" + "y".repeat(60_000));

    var reply = ask(CLIENT).orElseThrow();
    assertThat(reply.lines()).allMatch(line -> line.matches("[ -~]*"));
    assertThat(String.join("", reply.lines())).contains("x 250 2.0.0 taken").hasSizeLessThan(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fe80::1", "fd00::1"})
  void neverAsksAboutNetworksOfOurOwn(String client) throws Exception {
    assertThat(ask(client)).isEmpty();
    assertThat(dns.questions()).isZero();
  }

  @Test
  void asksOnceForManyRecipients() throws Exception {
    for (int i = 0; i < 100; i++) {
      ask(CLIENT);
    }
    assertThat(dns.questions()).isEqualTo(2);

    clock.goOn(Duration.ofMinutes(6));
    ask(CLIENT);
    assertThat(dns.questions()).isEqualTo(4);
  }

  @Test
  void aListAnswersUsIfItListsItsTestEntry() throws Exception {
    dns.a("2.0.0.127.zen.example.org", "127.0.0.2");
    dns.a("2.0.0.127.closed.example.org", "127.255.255.254");
    dns.silent("2.0.0.127.silent.example.org");

    Blocklists.require("zen.example.org", dns);
    for (var list : List.of("closed.example.org", "nosuch.example.org")) {
      assertThatThrownBy(() -> Blocklists.require(list, dns))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not list 127.0.0.2");
    }
    assertThatThrownBy(() -> Blocklists.require("silent.example.org", dns))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no answer");
  }
}
