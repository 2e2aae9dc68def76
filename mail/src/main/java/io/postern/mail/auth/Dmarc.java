package io.postern.mail.auth;

import io.postern.mail.auth.DmarcResult.Alignment;
import io.postern.mail.auth.DmarcResult.Method;
import io.postern.mail.auth.DmarcResult.Outcome;
import io.postern.mail.auth.DmarcResult.Policy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Says whether what passed SPF or DKIM vouches for the author of a mail, and what the author's
 * domain wants if nothing does. RFC 9989.
 *
 * <p>Alignment is answered without a policy too: the organizational domain is then what the tree
 * walk gives, and where it finds no record at all only the very author domain aligns. A sender
 * whose mail passes for a relative of an author domain without any record is thus not believed; one
 * record at the common parent helps.
 */
public final class Dmarc {
  /** Domains whose tree is walked for one mail: a mail can carry any number of signatures. */
  private static final int MAX_WALKS = 10;

  private final Dns dns;

  public Dmarc(Dns dns) {
    this.dns = Objects.requireNonNull(dns, "dns");
  }

  /**
   * @param authorDomain of the one mailbox in From (RFC 5322 §3.6.2)
   * @param spf what SPF said; only a pass of {@code MAIL FROM} counts (RFC 9989 §4.4.2)
   * @param dkimDomains {@code d=} of each signature that verified
   */
  public DmarcResult evaluate(String authorDomain, List<SpfResult> spf, List<String> dkimDomains) {
    var author = DomainName.parse(authorDomain);
    if (author.isEmpty()) {
      return new DmarcResult(
          Outcome.PERMERROR,
          Policy.NONE,
          "",
          Optional.empty(),
          "the author's domain is no domain name");
    }
    var passed = new LinkedHashSet<Alignment>();
    spf.stream()
        .filter(each -> each.passed() && each.identity() == SpfResult.Identity.MAILFROM)
        .flatMap(each -> DomainName.parse(each.domain()).stream())
        .forEach(domain -> passed.add(new Alignment(Method.SPF, domain)));
    dkimDomains.stream()
        .flatMap(each -> DomainName.parse(each).stream())
        .forEach(domain -> passed.add(new Alignment(Method.DKIM, domain)));
    return evaluate(author.get(), passed);
  }

  private DmarcResult evaluate(String author, Set<Alignment> passed) {
    var walk = new TreeWalk(dns);
    // The very same domain is aligned in either mode, whatever the DNS says. DKIM first: it is the
    // stronger witness.
    var identical =
        passed.stream()
            .filter(each -> each.domain().equals(author))
            .min((a, b) -> a.method().compareTo(b.method()));
    List<TreeWalk.Found> found;
    try {
      found = walk.from(author);
    } catch (DnsException trouble) {
      return new DmarcResult(Outcome.TEMPERROR, Policy.NONE, "", identical, trouble.getMessage());
    }
    var organization = TreeWalk.organization(author, found);
    var record = applicable(author, organization, found);
    try {
      var aligned = identical.isPresent() ? identical : relaxed(walk, organization, record, passed);
      return result(author, organization, record, aligned, Optional.empty());
    } catch (DnsException trouble) {
      return result(author, organization, record, Optional.empty(), Optional.of(trouble));
    }
  }

  /** RFC 9989 §4.10.1: the author's own record, its organization's, its public suffix's. */
  private static Optional<TreeWalk.Found> applicable(
      String author, String organization, List<TreeWalk.Found> found) {
    for (var name : List.of(author, organization)) {
      for (var each : found) {
        if (each.domain().equals(name)) {
          return Optional.of(each);
        }
      }
    }
    return found.stream().filter(each -> !each.domain().equals(author)).reduce((a, b) -> b);
  }

  /** RFC 9989 §4.10.2. */
  private static Optional<Alignment> relaxed(
      TreeWalk walk, String organization, Optional<TreeWalk.Found> record, Set<Alignment> passed)
      throws DnsException {
    Optional<DnsException> trouble = Optional.empty();
    int walks = 0;
    for (var each : passed) {
      boolean strict =
          record.isPresent()
              && (each.method() == Method.SPF
                  ? record.get().record().strictSpf()
                  : record.get().record().strictDkim());
      // An organization stands at or above its domains: no walk from elsewhere could find it.
      if (strict || !DomainName.isWithin(each.domain(), organization) || walks++ >= MAX_WALKS) {
        continue;
      }
      try {
        if (TreeWalk.organization(each.domain(), walk.from(each.domain())).equals(organization)) {
          return Optional.of(each);
        }
      } catch (DnsException failed) {
        trouble = Optional.of(failed);
      }
    }
    if (trouble.isPresent()) {
      throw trouble.get();
    }
    return Optional.empty();
  }

  private DmarcResult result(
      String author,
      String organization,
      Optional<TreeWalk.Found> found,
      Optional<Alignment> aligned,
      Optional<DnsException> trouble) {
    if (found.isEmpty() || found.get().record().request().isEmpty()) {
      var outcome = trouble.isPresent() ? Outcome.TEMPERROR : Outcome.NONE;
      var reason = trouble.map(DnsException::getMessage).orElse("no policy applies to " + author);
      return new DmarcResult(outcome, Policy.NONE, organization, aligned, reason);
    }
    var failure = trouble;
    var policy = Policy.NONE;
    try {
      policy = policy(author, found.get(), aligned.isPresent());
    } catch (DnsException unknown) {
      failure = Optional.of(unknown);
    }
    if (failure.isPresent()) {
      return new DmarcResult(
          Outcome.TEMPERROR, policy, organization, aligned, failure.get().getMessage());
    }
    return aligned.isPresent()
        ? new DmarcResult(Outcome.PASS, policy, organization, aligned, "")
        : new DmarcResult(
            Outcome.FAIL,
            policy,
            organization,
            aligned,
            "nothing that passed belongs to " + author);
  }

  /** Whether the author domain exists is asked only where a failure depends on it. */
  private Policy policy(String author, TreeWalk.Found found, boolean aligned) throws DnsException {
    var record = found.record();
    Policy policy;
    if (found.domain().equals(author)) {
      policy = record.request().orElseThrow();
    } else if (record.missing().isPresent() && !aligned && !exists(author)) {
      policy = record.missing().get();
    } else {
      policy = record.subdomains();
    }
    return record.testing() ? policy.milder() : policy;
  }

  /** RFC 9989 §3.2.13: not NXDOMAIN (RFC 8020), with whatever type. */
  private boolean exists(String domain) throws DnsException {
    return DomainName.fits(domain) && dns.a(domain).nameExists();
  }
}
