package io.postern.mail.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.SpfResult.Identity;
import io.postern.mail.auth.SpfResult.Outcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuthenticationTest {
  private final Zone zone = new Zone();

  @Test
  void speaksByASignatureOfTheAuthorsDomainWithoutAPolicy() {
    var outcome = decide(spf(Outcome.NONE, "a.example", ""), List.of("a.example"), List.of());

    assertEquals(new Authentication.Speaks("a.example", Authentication.Method.DKIM), outcome);
  }

  @Test
  void speaksByAnAlignedReversePath() {
    zone.txt("_dmarc.a.example", "v=DMARC1; p=none");

    var outcome = decide(spf(Outcome.PASS, "bounce.a.example", ""), List.of(), List.of());

    assertEquals(new Authentication.Speaks("bounce.a.example", Authentication.Method.SPF), outcome);
  }

  @Test
  void speaksByAListedForwarderOnlyIfNothingElseVouches() {
    var forwarded =
        new Authentication.Facts(
            Optional.of(new Mailbox("bob", "a.example")),
            List.of(),
            List.of(),
            List.of(),
            Optional.of(new Dmarc(zone).evaluate("a.example", List.of(), List.of())),
            Optional.of("lists.example"));

    assertEquals(
        new Authentication.Speaks("lists.example", Authentication.Method.ARC_LIST),
        Authentication.of(forwarded));
  }

  @Test
  void saysWhyNotAndWhoExplains() {
    var outcome =
        decide(
            spf(Outcome.FAIL, "a.example", "see http://a.example/why"),
            List.of("b.example"),
            List.of());

    assertEquals(
        new Authentication.Silent(
            "5.7.26",
            "nothing shows that a.example sent this mail (SPF: fail for a.example; DKIM: pass, but for"
                + " b.example); a.example explains: see http://a.example/why"),
        outcome);
  }

  @Test
  void asksForLaterOnlyWhereTheTroubleMayHideAPass() {
    var own = decide(spf(Outcome.TEMPERROR, "x.a.example", ""), List.of(), List.of());
    var strange = decide(spf(Outcome.TEMPERROR, "b.example", ""), List.of(), List.of());
    var key = decide(spf(Outcome.NONE, "b.example", ""), List.of(), List.of("a.example"));

    assertEquals("4.7.24", assertInstanceOf(Authentication.NotNow.class, own).status());
    assertInstanceOf(Authentication.Silent.class, strange);
    assertEquals("4.4.3", assertInstanceOf(Authentication.NotNow.class, key).status());
  }

  @Test
  void asksForLaterIfTheOrganizationCannotBeFound() {
    zone.failing("_dmarc.example", "TXT");

    var relative = decide(spf(Outcome.PASS, "x.a.example", ""), List.of(), List.of());
    var stranger = decide(spf(Outcome.PASS, "b.example", ""), List.of(), List.of());
    var same = decide(spf(Outcome.PASS, "a.example", ""), List.of(), List.of());

    assertEquals("4.4.3", assertInstanceOf(Authentication.NotNow.class, relative).status());
    assertInstanceOf(Authentication.Silent.class, stranger);
    assertInstanceOf(Authentication.Speaks.class, same);
  }

  @Test
  void nobodySpeaksForNoAuthor() {
    var facts =
        new Authentication.Facts(
            Optional.empty(),
            List.of(),
            List.of("a.example"),
            List.of(),
            Optional.empty(),
            Optional.of("lists.example"));

    assertInstanceOf(Authentication.Silent.class, Authentication.of(facts));
  }

  @Test
  void keepsAReasonToOneBoundedLine() {
    var outcome =
        decide(spf(Outcome.FAIL, "a.example", "x\r\n250 ok".repeat(200)), List.of(), List.of());

    var reason = assertInstanceOf(Authentication.Silent.class, outcome).reason();
    assertTrue(reason.length() <= Authentication.MAX_REASON);
    assertTrue(reason.chars().allMatch(c -> c >= ' ' && c <= '~'), reason);
  }

  private Authentication decide(SpfResult spf, List<String> passes, List<String> trouble) {
    return Authentication.of(
        new Authentication.Facts(
            Optional.of(new Mailbox("bob", "a.example")),
            List.of(spf),
            passes,
            trouble,
            Optional.of(new Dmarc(zone).evaluate("a.example", List.of(spf), passes)),
            Optional.empty()));
  }

  private static SpfResult spf(Outcome outcome, String domain, String explanation) {
    return new SpfResult(outcome, Identity.MAILFROM, domain, explanation);
  }
}
