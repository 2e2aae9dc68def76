package io.postern.bridge;

import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Arc;
import io.postern.mail.auth.ArcResult;
import io.postern.mail.auth.Authentication;
import io.postern.mail.auth.AuthenticationResults;
import io.postern.mail.auth.AuthenticationResults.MethodResult;
import io.postern.mail.auth.AuthenticationResults.Property;
import io.postern.mail.auth.Dkim;
import io.postern.mail.auth.DkimResult;
import io.postern.mail.auth.Dmarc;
import io.postern.mail.auth.DmarcResult;
import io.postern.mail.auth.Dns;
import io.postern.mail.auth.SignedMail;
import io.postern.mail.auth.Spf;
import io.postern.mail.auth.SpfResult;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.IdempotencyKey;
import io.postern.mapping.SignatureLog;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Has the author written it? Asks SPF, DKIM, DMARC and ARC about a mail, and makes one verdict of
 * what they say. design.md §2. Used by several threads.
 *
 * <p>A DKIM signature vouches for words, not for where they go: whoever gets a signed mail can send
 * it on to anybody. So a mail for which nothing but a signature speaks must name its recipient in
 * the To or Cc that was signed, and its signature counts once for each recipient.
 */
final class AuthorCheck {
  /** Of a mail that was fetched: by which server it came to its mailbox is hearsay. */
  private static final SpfResult NO_CLIENT =
      new SpfResult(SpfResult.Outcome.NONE, SpfResult.Identity.MAILFROM, "", "");

  private final Dns dns;
  private final String hostname;
  private final Set<String> trustedSealers;
  private final SignatureLog signatures;
  private final InstantSource clock;

  /**
   * @param hostname who says what was found, in Authentication-Results
   * @param trustedSealers in lower case
   */
  AuthorCheck(
      Dns dns,
      String hostname,
      List<String> trustedSealers,
      SignatureLog signatures,
      InstantSource clock) {
    this.dns = dns;
    this.hostname = hostname;
    this.trustedSealers = Set.copyOf(trustedSealers);
    this.signatures = signatures;
    this.clock = clock;
  }

  /** All that was found out about one mail. */
  private record Findings(
      SpfResult spf,
      List<DkimResult> dkim,
      ArcResult arc,
      DmarcResult dmarc,
      boolean alignedBySpf,
      Optional<String> sealer) {
    List<String> signers(DkimResult.Result result) {
      return dkim.stream()
          .filter(each -> each.result() == result && !each.domain().isEmpty())
          .map(DkimResult::domain)
          .distinct()
          .toList();
    }
  }

  /**
   * @param mail who wrote it to whom
   * @param author whom its From names
   */
  MailJudge.Judgement judge(ArrivedMail arrived, Mail mail, Mailbox author) throws IOException {
    Findings found;
    try {
      found = findings(arrived, author);
    } catch (MailException unreadable) {
      return new MailJudge.Refused(SmtpReply.refusing(unreadable));
    }
    var outcome =
        Authentication.of(
            new Authentication.Facts(
                Optional.of(author),
                List.of(found.spf()),
                found.signers(DkimResult.Result.PASS),
                found.signers(DkimResult.Result.TEMPERROR),
                Optional.of(found.dmarc()),
                found.sealer()));
    if (outcome instanceof Authentication.NotNow notNow) {
      return refused(notNow.status(), notNow.reason());
    }
    if (outcome instanceof Authentication.Silent silent) {
      return refused(silent.status(), silent.reason());
    }
    var speaks = (Authentication.Speaks) outcome;
    if (speaks.method() == Authentication.Method.DKIM && !found.alignedBySpf()) {
      var keys = keys(arrived, mail);
      var fault = fault(keys, found.dkim(), speaks.domain());
      if (fault.isPresent()) {
        // What SPF could not say may be that the mail comes from its author's own servers.
        boolean later = found.spf().outcome() == SpfResult.Outcome.TEMPERROR;
        return refused(later ? "4.7.24" : "5.7.26", fault.get());
      }
    }
    var organization = found.dmarc().organization();
    return new MailJudge.Taken(
        verdict(arrived, author, found, speaks),
        Optional.of(
            new MailJudge.Author(author, organization.isEmpty() ? author.domain() : organization)));
  }

  private Findings findings(ArrivedMail arrived, Mailbox author) throws IOException, MailException {
    var asked = new MailDns(dns, clock);
    var now = clock.instant();
    var spf = arrived.received().isFetched() ? NO_CLIENT : spf(arrived, asked, now);
    SignedMail signed;
    try (var octets = arrived.open()) {
      signed = SignedMail.read(octets);
    }
    var dkim = Dkim.verify(signed, asked, now);
    var arc = Arc.validate(signed, asked, now);
    var passes = dkim.stream().filter(DkimResult::passed).map(DkimResult::domain).toList();
    var dmarc = new Dmarc(asked);
    var bySpf = dmarc.evaluate(author.domain(), List.of(spf), List.of());
    return new Findings(
        spf,
        dkim,
        arc,
        dmarc.evaluate(author.domain(), List.of(spf), passes),
        bySpf.aligned().isPresent(),
        sealer(arc, author.domain(), spf, dmarc));
  }

  private SpfResult spf(ArrivedMail arrived, Dns asked, Instant now) throws IOException {
    var received = arrived.received();
    var client = InetAddress.getByName(received.clientAddress()); // A literal: nothing is asked.
    var path = arrived.envelope().reversePath().map(Mailbox::toString).orElse("");
    return new Spf(asked, hostname).mailFrom(client, received.helo(), path, now);
  }

  /**
   * A trusted sealer who says that the mail had come from the author's domain to them, and from
   * whom it came here: a subscriber of a list could send its mails on to anybody.
   */
  private Optional<String> sealer(ArcResult arc, String authorDomain, SpfResult spf, Dmarc dmarc) {
    return arc.sealedBy(trustedSealers::contains).stream()
        .filter(seal -> seal.claim().filter(claim -> vouches(claim, authorDomain)).isPresent())
        .map(ArcResult.Seal::domain)
        .filter(sealer -> dmarc.evaluate(sealer, List.of(spf), List.of()).aligned().isPresent())
        .findFirst();
  }

  private static boolean vouches(AuthenticationResults claim, String authorDomain) {
    return claim.results().stream()
        .filter(result -> result.result().equals("pass"))
        .anyMatch(
            result ->
                result.method().equals("dmarc") && names(result, "from", authorDomain)
                    || result.method().equals("dkim")
                        && (names(result, "d", authorDomain)
                            || names(result, "i", "@" + authorDomain)));
  }

  private static boolean names(MethodResult result, String property, String domain) {
    return result.property("header", property).filter(domain::equalsIgnoreCase).isPresent();
  }

  /** Of the mail's first part, for each recipient: what tells this mail from another. */
  private static Map<Mailbox, IdempotencyKey> keys(ArrivedMail arrived, Mail mail)
      throws IOException {
    IdempotencyKey.Name name;
    try (var octets = arrived.open()) {
      name = IdempotencyKey.Name.of(mail, octets);
    }
    var keys = new LinkedHashMap<Mailbox, IdempotencyKey>();
    for (var recipient : arrived.envelope().forwardPaths()) {
      keys.put(recipient, IdempotencyKey.of(name, recipient, 0));
    }
    return keys;
  }

  /**
   * Why a mail may not come in for which a signature alone speaks.
   *
   * @param mail its key for each recipient
   */
  private Optional<String> fault(
      Map<Mailbox, IdempotencyKey> mail, List<DkimResult> dkim, String signer) {
    var signature =
        dkim.stream()
            .filter(each -> each.passed() && each.domain().equals(signer))
            .filter(each -> mail.keySet().stream().allMatch(each::names))
            .findFirst();
    if (signature.isEmpty()) {
      return Optional.of(
          "nothing but the signature of "
              + signer
              + " vouches for this mail, and not all its recipients stand in a To or Cc that was"
              + " signed");
    }
    var octets = signature.get().signature().getBytes(StandardCharsets.US_ASCII);
    for (var recipient : mail.entrySet()) {
      if (!signatures.admit(octets, recipient.getKey(), recipient.getValue(), clock.instant())) {
        return Optional.of("another mail with the same signature has come before");
      }
    }
    return Optional.empty();
  }

  private Verdict verdict(
      ArrivedMail arrived, Mailbox author, Findings found, Authentication.Speaks speaks) {
    boolean ownPath =
        found.spf().passed() || arrived.envelope().reversePath().filter(author::sameAs).isPresent();
    var caution =
        speaks.method() == Authentication.Method.ARC_LIST
            ? "⚠ Passed on by " + speaks.domain() + ", which vouches for the author"
            : "";
    return new Verdict(speaks.domain(), ownPath, caution, results(arrived, author, found).field());
  }

  private AuthenticationResults results(ArrivedMail arrived, Mailbox author, Findings found) {
    var results = new ArrayList<MethodResult>();
    var path = arrived.envelope().reversePath().map(Mailbox::domain).orElse("");
    if (!arrived.received().isFetched()) {
      results.add(
          MethodResult.of(
              "spf", found.spf().outcome().toString(), new Property("smtp", "mailfrom", path)));
    }
    if (found.dkim().isEmpty()) {
      results.add(MethodResult.of("dkim", DkimResult.Result.NONE.toString()));
    }
    found.dkim().forEach(each -> results.add(MethodResult.of(each)));
    results.add(
        MethodResult.of(
            "dmarc",
            found.dmarc().outcome().toString(),
            new Property("header", "from", author.domain())));
    results.add(MethodResult.of(found.arc()));
    return new AuthenticationResults(hostname, results);
  }

  private static MailJudge.Judgement refused(String status, String words) {
    return new MailJudge.Refused(SmtpReply.refusing(status, words));
  }
}
