package io.postern.mail.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * RFC 9989 as a table. Zone: {@code domain record} pairs of _dmarc names, separated by {@code |};
 * {@code !domain} is one that exists, {@code ?domain} one whose record cannot be had.
 */
class DmarcTest {
  // "v=DMARC1; " stands before each record. A check that passed: s:domain or d:domain.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '#',
      nullValues = "-",
      textBlock =
          """
          own record, same signer          # example.com # example.com p=reject # d:example.com # pass reject example.com dkim
          own record, same sender          # example.com # example.com p=reject # s:example.com # pass reject example.com spf
          DKIM counts before SPF           # example.com # example.com p=reject # s:example.com d:example.com # pass reject example.com dkim
          no check passed                  # example.com # example.com p=reject # - # fail reject example.com -
          quarantine                       # example.com # example.com p=quarantine # - # fail quarantine example.com -
          none is a policy too             # example.com # example.com p=none # - # fail none example.com -
          a stranger's pass                # example.com # example.com p=reject # d:other.example s:other.example # fail reject example.com -
          a suffix that is no parent       # example.com # example.com p=reject # d:badexample.com # fail reject example.com -
          organization signs for subdomain # a.example.com # example.com p=reject # d:example.com # pass reject example.com dkim
          subdomain signs for organization # example.com # example.com p=reject # d:a.example.com # pass reject example.com dkim
          siblings                         # a.example.com # example.com p=reject # s:b.example.com # pass reject example.com spf
          strict DKIM, same                # example.com # example.com p=reject; adkim=s # d:example.com # pass reject example.com dkim
          strict DKIM, below               # example.com # example.com p=reject; adkim=s # d:a.example.com # fail reject example.com -
          strict DKIM leaves SPF relaxed   # example.com # example.com p=reject; adkim=s # s:a.example.com # pass reject example.com spf
          strict SPF, below                # example.com # example.com p=reject; aspf=s # s:a.example.com # fail reject example.com -
          strict SPF leaves DKIM relaxed   # example.com # example.com p=reject; aspf=s # d:a.example.com # pass reject example.com dkim
          strict in capitals               # example.com # example.com p=reject; adkim=S # d:a.example.com # fail reject example.com -
          strict of the organization       # a.example.com # example.com p=reject; adkim=s # d:example.com # fail reject example.com -
          unknown mode is relaxed          # example.com # example.com p=reject; adkim=x # d:a.example.com # pass reject example.com dkim
          B.4.1 simple                     # example.com # example.com p=reject|signing.example.com p=reject # s:example.com d:signing.example.com # pass reject example.com spf
          B.4.2 deep                       # a.b.c.d.e.f.g.h.i.j.k.example.com # example.com p=reject|signing.example.com p=reject # s:example.com d:signing.example.com # pass reject example.com spf
          B.4.3 two below a suffix         # giant.bank.example # bank.example p=reject; psd=y|giant.bank.example p=quarantine # s:mail.giant.bank.example d:mail.mega.bank.example # pass quarantine giant.bank.example spf
          B.4.3 the other one only         # giant.bank.example # bank.example p=reject; psd=y|giant.bank.example p=quarantine # d:mail.mega.bank.example # fail quarantine giant.bank.example -
          suffix policy for all            # giant.bank.example # bank.example p=reject; psd=y # d:mega.bank.example s:bank.example # fail reject giant.bank.example -
          sp of a suffix                   # mail.giant.bank.example # bank.example p=reject; sp=quarantine; psd=y # d:giant.bank.example # pass quarantine giant.bank.example dkim
          a suffix that writes itself      # bank.example # bank.example p=reject; sp=none; psd=y # s:mail.bank.example # fail reject bank.example -
          suffix record is not used        # foo.example # example p=reject; psd=y|foo.example p=none # - # fail none foo.example -
          no record at top level           # foo.com # - # d:foo.com # none none foo.com dkim
          psd=n ends the walk              # a.b.example.com # b.example.com p=reject; psd=n|example.com p=none # - # fail reject b.example.com -
          psd=n keeps the parent out       # mail.example.com # mail.example.com p=reject; psd=n|example.com p=reject # d:example.com # fail reject mail.example.com -
          unknown psd is u                 # mail.example.com # mail.example.com p=reject; psd=x|example.com p=none # d:example.com # pass reject example.com dkim
          the fewest labels win            # a.b.example.com # b.example.com p=none|example.com p=reject # - # fail reject example.com -
          the author's record wins         # a.example.com # a.example.com p=none|example.com p=reject # - # fail none example.com -
          its own organization             # mail.example.com # mail.example.com p=reject # d:example.com s:bounce.example.com # fail reject mail.example.com -
          two registrants of com           # one.com # com p=reject # d:two.com # fail reject one.com -
          two registrants, sp              # one.com # com p=reject; sp=none # d:one.com # pass none one.com dkim
          a host of many                   # alice.blog.example # blog.example p=reject # d:bob.blog.example # pass reject blog.example dkim
          sp for what exists               # a.example.com # example.com p=reject; sp=none; np=quarantine|!a.example.com # - # fail none example.com -
          np for what does not             # a.example.com # example.com p=reject; sp=none; np=quarantine # - # fail quarantine example.com -
          np without sp, exists            # a.example.com # example.com p=quarantine; np=reject|!a.example.com # - # fail quarantine example.com -
          np is not for the organization   # example.com # example.com p=reject; np=none # - # fail reject example.com -
          no np: sp                        # a.example.com # example.com p=reject; sp=none # - # fail none example.com -
          no sp, no np: p                  # a.example.com # example.com p=reject # - # fail reject example.com -
          np of a suffix                   # fake.gov.example # gov.example p=reject; sp=none; np=reject; psd=y # - # fail reject fake.gov.example -
          sp is not for the author's own   # a.example.com # a.example.com p=none; sp=reject # - # fail none a.example.com -
          testing reject                   # example.com # example.com p=reject; t=y # - # fail quarantine example.com -
          testing quarantine               # example.com # example.com p=quarantine; t=y # - # fail none example.com -
          testing none                     # example.com # example.com p=none; t=y # - # fail none example.com -
          testing sp, in capitals          # a.example.com # example.com p=none; sp=reject; t=Y # - # fail quarantine example.com -
          t=n                              # example.com # example.com p=reject; t=n # - # fail reject example.com -
          unknown t                        # example.com # example.com p=reject; t=yes # - # fail reject example.com -
          pct is history                   # example.com # example.com p=reject; pct=0 # - # fail reject example.com -
          unknown tags are ignored         # example.com # example.com x=y; p=reject; foo=bar=baz # - # fail reject example.com -
          policy in capitals               # example.com # example.com p=Reject # - # fail reject example.com -
          spaces                           # example.com # example.com p  =  reject  ;; # - # fail reject example.com -
          no p, but reports                # example.com # example.com rua=mailto:d@example.com # d:example.com # pass none example.com dkim
          no p, no reports                 # example.com # example.com adkim=r # d:example.com # none none example.com dkim
          wrong p, but reports             # example.com # example.com p=block; adkim=s; rua=mailto:d@example.com!10m # d:a.example.com # fail none example.com -
          wrong sp, but reports            # a.example.com # example.com p=reject; sp=bounce; rua=mailto:d@example.com # - # fail none example.com -
          empty np, no reports             # example.com # example.com p=reject; np= # - # none none example.com -
          wrong report address             # example.com # example.com p=reject; sp=nope; rua=d@example.com # - # none none example.com -
          p stands there twice             # example.com # example.com p=none; p=reject # - # none none example.com -
          adkim stands there twice         # example.com # example.com p=reject; adkim=s; adkim=s # d:a.example.com # pass reject example.com dkim
          two records are none             # example.com # example.com p=reject|example.com p=none # d:example.com # none none example.com dkim
          two records: the walk goes on    # a.example.com # a.example.com p=reject|a.example.com p=none|example.com p=none; sp=quarantine # - # fail quarantine example.com -
          an author record without policy  # a.example.com # a.example.com adkim=s|example.com p=reject # - # none none example.com -
          nothing anywhere, same           # example.com # - # s:example.com # none none example.com spf
          nothing anywhere, relative       # a.example.com # - # d:example.com # none none a.example.com -
          nothing anywhere, below          # example.com # - # d:a.example.com # none none example.com -
          a quoted dot is no dot           # example.com # example.com p=reject # d:a\\.example.com # fail reject example.com -
          the last dot                     # example.com. # example.com p=reject # d:example.com. # pass reject example.com dkim
          capitals                         # Example.COM # example.com p=reject # d:EXAMPLE.com # pass reject example.com dkim
          U-label and A-label              # bücher.example # xn--bcher-kva.example p=reject # d:xn--bcher-kva.example # pass reject xn--bcher-kva.example dkim
          sharp s is not ss                # straße.example # strasse.example p=reject # d:strasse.example # permerror none - -
          a literal is no domain           # [192.0.2.1] # - # - # permerror none - -
          a long label                     # a123456789012345678901234567890123456789012345678901234567890123.example.com # example.com p=reject # d:example.com # permerror none - -
          trouble below                    # a.example.com # ?a.example.com|example.com p=reject # d:example.com # temperror none - -
          trouble, but the very same       # example.com # ?example.com # d:example.com # temperror none - dkim
          trouble above, the same          # example.com # example.com p=reject|?com # d:example.com # temperror none - dkim
          trouble with the signer          # example.com # example.com p=reject|?a.example.com # d:a.example.com # temperror reject example.com -
          trouble with one, another aligns # example.com # example.com p=reject|?a.example.com # d:a.example.com s:b.example.com # pass reject example.com spf
          strict needs no walk             # example.com # example.com p=reject; adkim=s|?a.example.com # d:a.example.com # fail reject example.com -
          """)
  void decides(String title, String author, String zone, String passed, String expected) {
    var dns = zone(zone == null ? "" : zone);
    var spf = new ArrayList<SpfResult>();
    var dkim = new ArrayList<String>();
    for (var check : passed == null ? new String[0] : passed.split(" ")) {
      if (check.startsWith("s:")) {
        spf.add(spf(SpfResult.Outcome.PASS, SpfResult.Identity.MAILFROM, check.substring(2)));
      } else {
        dkim.add(check.substring(2));
      }
    }

    var result = new Dmarc(dns).evaluate(author, spf, dkim);

    var organization = result.organization().isEmpty() ? "-" : result.organization();
    var method = result.aligned().map(each -> each.method().toString()).orElse("-");
    assertEquals(
        expected, result.outcome() + " " + result.policy() + " " + organization + " " + method);
  }

  @Test
  void asksEightQuestionsAtMost() {
    var dns = zone("example.com p=none");

    new Dmarc(dns).evaluate("a.b.c.d.e.f.g.h.i.j.mail.example.com", List.of(), List.of());

    assertEquals(
        List.of(
            "TXT _dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
            "TXT _dmarc.g.h.i.j.mail.example.com",
            "TXT _dmarc.h.i.j.mail.example.com",
            "TXT _dmarc.i.j.mail.example.com",
            "TXT _dmarc.j.mail.example.com",
            "TXT _dmarc.mail.example.com",
            "TXT _dmarc.example.com",
            "TXT _dmarc.com"),
        dns.asked);
  }

  @Test
  void walksNoMoreThanTenTreesForOneMail() {
    var dns = zone("example.com p=reject; psd=n|a.example.com p=none; psd=n");
    var signers = new ArrayList<String>();
    for (int i = 0; i < 1000; i++) {
      signers.add("s" + i + ".a.example.com");
    }

    var result = new Dmarc(dns).evaluate("example.com", List.of(), signers);

    assertEquals(DmarcResult.Outcome.FAIL, result.outcome());
    assertEquals(1 + 10 + 1, dns.asked.size());
  }

  @Test
  void countsOnlyAPassOfTheReversePath() {
    var dns = zone("example.com p=reject");
    var helo = spf(SpfResult.Outcome.PASS, SpfResult.Identity.HELO, "example.com");
    var soft = spf(SpfResult.Outcome.SOFTFAIL, SpfResult.Identity.MAILFROM, "example.com");

    var result = new Dmarc(dns).evaluate("example.com", List.of(helo, soft), List.of());

    assertEquals(DmarcResult.Outcome.FAIL, result.outcome());
  }

  @Test
  void readsNoRecordOfAnotherVersion() {
    for (var txt :
        List.of("", "v=dmarc1; p=reject", "v=DMARC1x; p=reject", "p=reject; v=DMARC1", "v=spf1")) {
      assertTrue(DmarcRecord.parse(txt).isEmpty(), txt);
    }
    assertTrue(DmarcRecord.parse("v = DMARC1 ;p=reject").isPresent());
  }

  @Test
  void readsHostileRecords() {
    var many = "v=DMARC1;" + "p=reject;".repeat(10_000);
    var huge = "v=DMARC1; p=reject; rua=" + ",".repeat(1_000_000);

    assertTrue(DmarcRecord.parse(many).orElseThrow().request().isEmpty());
    assertEquals(DmarcResult.Policy.REJECT, DmarcRecord.parse(huge).orElseThrow().request().get());
  }

  @Test
  void readsWhateverIsCutOrRandom() {
    var random = new SplittableRandom(9989);
    var record = "v=DMARC1; p=reject; sp=none; np=quarantine; psd=n; t=y; adkim=s; rua=mailto:a@b";
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder(record.substring(0, random.nextInt(record.length() + 1)));
      for (int k = 0; k < 4 && text.length() > 0; k++) {
        text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(256));
      }
      var author = text.substring(text.length() / 2);
      var result =
          new Dmarc(zone("").txt("_dmarc.example.com", text.toString()))
              .evaluate(i % 2 == 0 ? "example.com" : author, List.of(), List.of(author));
      read += result.outcome() == DmarcResult.Outcome.FAIL ? 1 : 0;
    }
    assertTrue(read > 0, "none of the broken records was still one");
  }

  private static SpfResult spf(
      SpfResult.Outcome outcome, SpfResult.Identity identity, String name) {
    return new SpfResult(outcome, identity, name, "");
  }

  private static Zone zone(String text) {
    var zone = new Zone();
    for (var entry : text.split("\\|")) {
      if (entry.startsWith("!")) {
        zone.with(entry.substring(1), "MX", "10 mx.example");
      } else if (entry.startsWith("?")) {
        zone.failing("_dmarc." + entry.substring(1), "TXT");
      } else if (!entry.isEmpty()) {
        int space = entry.indexOf(' ');
        zone.txt("_dmarc." + entry.substring(0, space), "v=DMARC1; " + entry.substring(space + 1));
      }
    }
    return zone;
  }
}
