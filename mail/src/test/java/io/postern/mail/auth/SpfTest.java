package io.postern.mail.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.auth.SpfResult.Identity;
import io.postern.mail.auth.SpfResult.Outcome;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.EnumSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the suite of RFC 7208 does not ask. */
class SpfTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
  private static final InetAddress CLIENT = Zone.address("192.0.2.1");
  private final Zone zone = new Zone();
  private final Spf spf = new Spf(zone, "mx.bridge.example");

  @Test
  void checksTheNullReversePathAsPostmasterAtTheHelo() {
    zone.txt("a.example", "v=spf1 exists:%{l}.%{o} -all")
        .with("postmaster.a.example", "A", "127.0.0.2");

    var result = spf.mailFrom(CLIENT, "a.example", "", NOW);

    assertEquals(new SpfResult(Outcome.PASS, Identity.MAILFROM, "a.example", ""), result);
    assertEquals(
        new SpfResult(Outcome.PASS, Identity.HELO, "a.example", ""),
        spf.helo(CLIENT, "A.Example.", NOW));
  }

  @Test
  void takesAMappedAddressForTheIpv4One() throws Exception {
    zone.txt("a.example", "v=spf1 ptr -all")
        .with("1.2.0.192.in-addr.arpa", "PTR", "mail.a.example")
        .with("mail.a.example", "A", "192.0.2.1");
    var octets = new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 192, 0, 2, 1};
    var mapped = Inet6Address.getByAddress("", octets, 0);

    var result = spf.mailFrom(mapped, "mail.a.example", "bob@a.example", NOW);

    assertEquals(16, mapped.getAddress().length);
    assertEquals(Outcome.PASS, result.outcome());
  }

  @Test
  void aTimeoutInsideExistsIsATempError() {
    zone.txt("a.example", "v=spf1 exists:b.example -all").failing("b.example", "A");

    assertEquals(Outcome.TEMPERROR, mailFrom("bob@a.example").outcome());
  }

  @Test
  void expandsWhatOnlyAnExplanationMayHold() {
    zone.txt("a.example", "v=spf1 -all exp=why.a.example")
        .txt("why.a.example", "%{c} at %{r}, %{t}");

    assertEquals(
        "192.0.2.1 at mx.bridge.example, 1700000000", mailFrom("bob@a.example").explanation());
  }

  @Test
  void keepsAnExplanationPrintableAndShort() {
    zone.txt("a.example", "v=spf1 -all exp=why.a.example")
        .txt("why.a.example", "%{l}".repeat(10_000));

    var explanation = mailFrom("b\r\nö@a.example").explanation();

    assertEquals(300, explanation.length());
    assertTrue(explanation.startsWith("b???b???"), explanation);
  }

  @Test
  void asksForTheALabelOfAULabel() {
    zone.txt("xn--bcher-kva.example", "v=spf1 +all");

    assertEquals(
        new SpfResult(Outcome.PASS, Identity.MAILFROM, "xn--bcher-kva.example", ""),
        mailFrom("bob@bücher.example"));
    assertEquals(Outcome.NONE, mailFrom("bob@straße.example").outcome());
  }

  /** RFC 8616 §4. */
  @Test
  void aLocalPartBeyondAsciiMatchesNoName() {
    zone.txt("a.example", "v=spf1 exists:%{l}.b.example -all");

    assertEquals(Outcome.FAIL, mailFrom("jörg@a.example").outcome());
  }

  @Test
  void endsWhateverIncludesAndRedirectsAreMadeOf() {
    zone.txt("a.example", "v=spf1 " + "include:a.example ".repeat(1000));
    zone.txt("b.example", "v=spf1 " + "exists:%{i}.%{s}.%{h}.b.example ".repeat(1000));

    assertEquals(Outcome.PERMERROR, mailFrom("bob@a.example").outcome());
    assertEquals(Outcome.PERMERROR, mailFrom("bob@b.example").outcome());
    assertTrue(zone.asked.size() < 20, zone.asked::toString);
  }

  @Test
  void readsHugeAndRandomPolicies() {
    var random = new SplittableRandom(7208);
    var alphabet = "aAmxptriedcludnsh4610 :/%{}=.-+~?_\u0000\u00ff";
    var seen = EnumSet.noneOf(Outcome.class);
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder();
      for (int k = random.nextInt(40); k > 0; k--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      var each = new Spf(new Zone().txt("a.example", "v=spf1 ?ip4:1.2.3.4 " + text), "mx.example");
      seen.add(each.mailFrom(CLIENT, text.toString(), "bob@a.example", NOW).outcome());
      each.mailFrom(CLIENT, text.toString(), text.toString(), NOW);
    }
    zone.txt("huge.example", "v=spf1 " + "ip4:203.0.113.7 ".repeat(100_000) + "-all");
    zone.txt("long.example", "v=spf1 a:" + "%{s}".repeat(20_000) + " -all");

    assertTrue(seen.contains(Outcome.PERMERROR) && seen.contains(Outcome.NEUTRAL), seen::toString);
    assertEquals(Outcome.FAIL, mailFrom("bob@huge.example").outcome());
    assertNotEquals(Outcome.PASS, mailFrom("bob@long.example").outcome());
  }

  private SpfResult mailFrom(String reversePath) {
    return spf.mailFrom(CLIENT, "mail.example", reversePath, NOW);
  }
}
