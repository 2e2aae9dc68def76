package io.postern.mail.auth;

import io.postern.mail.auth.SpfRecord.Mechanism;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One run of {@code check_host()} with all that it includes and redirects to, and its limits. RFC
 * 7208 §4. Used once, by one thread.
 */
final class SpfCheck {
  /** RFC 7208 §4.6.4: terms that ask the DNS. */
  private static final int MAX_TERMS = 10;

  /** RFC 7208 §4.6.4: terms whose question has no answer. */
  private static final int MAX_VOID = 2;

  /** RFC 7208 §4.6.4: hosts of one {@code mx}, and names of one {@code ptr}. */
  private static final int MAX_NAMES = 10;

  /** Of an explanation, in characters; it goes into one SMTP reply. */
  private static final int MAX_EXPLANATION = 300;

  /**
   * @param client four or sixteen octets
   * @param sender the domain of the identity
   */
  record Question(
      byte[] client, String local, String sender, String helo, String receiver, Instant now) {}

  record Outcome(SpfResult.Outcome outcome, String explanation) {}

  /** A run that ends early: permerror. */
  private static final class PermError extends Exception {
    private static final long serialVersionUID = 1L;

    PermError(String message) {
      super(message);
    }
  }

  private final Dns dns;
  private final Question question;
  private int terms;
  private int voids;
  private Optional<List<String>> validated = Optional.empty();

  SpfCheck(Dns dns, Question question) {
    this.dns = dns;
    this.question = question;
  }

  Outcome run() {
    try {
      return evaluate(question.sender(), true);
    } catch (DnsException trouble) {
      return new Outcome(SpfResult.Outcome.TEMPERROR, printable(trouble.getMessage()));
    } catch (PermError wrong) {
      return new Outcome(SpfResult.Outcome.PERMERROR, printable(wrong.getMessage()));
    }
  }

  private Outcome evaluate(String domain, boolean explain) throws DnsException, PermError {
    var policy = policy(domain);
    if (policy.isEmpty()) {
      return new Outcome(SpfResult.Outcome.NONE, "");
    }
    for (var directive : policy.get().directives()) {
      if (matches(directive.mechanism(), domain)) {
        boolean fail = directive.meaning() == SpfResult.Outcome.FAIL;
        return new Outcome(
            directive.meaning(), fail && explain ? explanation(policy.get(), domain) : "");
      }
    }
    if (policy.get().redirect().isEmpty()) {
      return new Outcome(SpfResult.Outcome.NEUTRAL, "");
    }
    countTerm();
    var target = target(policy.get().redirect().get(), domain);
    var result = evaluate(target, explain);
    if (result.outcome() == SpfResult.Outcome.NONE) {
      throw new PermError("redirect to " + target + ", which has no policy");
    }
    return result;
  }

  private Optional<SpfRecord> policy(String domain) throws DnsException, PermError {
    // RFC 7208 §4.3: what cannot be a name has no policy.
    if (!DomainName.fits(domain)) {
      return Optional.empty();
    }
    var policies = dns.txt(domain).records().stream().filter(SpfRecord::isPolicy).toList();
    if (policies.size() > 1) {
      throw new PermError(domain + " has more than one policy");
    }
    if (policies.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(SpfRecord.parse(policies.get(0)));
    } catch (SpfSyntaxException malformed) {
      throw new PermError("policy of " + domain + ": " + malformed.getMessage());
    }
  }

  private boolean matches(Mechanism mechanism, String domain) throws DnsException, PermError {
    if (mechanism instanceof SpfRecord.All) {
      return true;
    }
    if (mechanism instanceof SpfRecord.Ip ip) {
      return ip.network().contains(question.client());
    }
    countTerm();
    if (mechanism instanceof SpfRecord.Include include) {
      return includes(target(include.domain(), domain));
    }
    if (mechanism instanceof SpfRecord.A a) {
      var found = addresses(target(a.domain(), domain));
      countVoid(found.isEmpty());
      return anyWithin(found, a.bits4(), a.bits6());
    }
    if (mechanism instanceof SpfRecord.Mx mx) {
      return mxMatches(target(mx.domain(), domain), mx);
    }
    if (mechanism instanceof SpfRecord.Exists exists) {
      var name = target(exists.domain(), domain);
      // RFC 7208 §5.7: type A, whatever the client's address is.
      boolean found = DomainName.fits(name) && !dns.a(name).records().isEmpty();
      countVoid(!found);
      return found;
    }
    if (mechanism instanceof SpfRecord.Ptr ptr) {
      var name = target(ptr.domain(), domain).toLowerCase(Locale.ROOT);
      return validatedNames().stream().anyMatch(each -> DomainName.isWithin(each, name));
    }
    throw new IllegalStateException("no such mechanism: " + mechanism);
  }

  /** RFC 7208 §5.2, the table. */
  private boolean includes(String target) throws DnsException, PermError {
    var result = evaluate(target, false).outcome();
    if (result == SpfResult.Outcome.NONE) {
      throw new PermError("include of " + target + ", which has no policy");
    }
    return result == SpfResult.Outcome.PASS;
  }

  private boolean mxMatches(String target, SpfRecord.Mx mx) throws DnsException, PermError {
    var hosts = DomainName.fits(target) ? dns.mx(target).records() : List.<Dns.Mx>of();
    if (hosts.size() > MAX_NAMES) {
      throw new PermError(target + " has more than " + MAX_NAMES + " MX records");
    }
    boolean empty = true;
    for (var host : hosts) {
      var found = addresses(host.host());
      empty &= found.isEmpty();
      if (anyWithin(found, mx.bits4(), mx.bits6())) {
        return true;
      }
    }
    // Void once, and only if no host has an address: hosts without IPv6 are no fault of the policy.
    countVoid(empty);
    return false;
  }

  /** Addresses of the kind that the client has. RFC 7208 §5. */
  private List<InetAddress> addresses(String name) throws DnsException {
    if (!DomainName.fits(name)) {
      return List.of();
    }
    return (question.client().length == 4 ? dns.a(name) : dns.aaaa(name)).records();
  }

  private boolean anyWithin(List<InetAddress> found, int bits4, int bits6) {
    int bits = question.client().length == 4 ? bits4 : bits6;
    return found.stream()
        .map(InetAddress::getAddress)
        .filter(octets -> octets.length == question.client().length)
        .anyMatch(octets -> new IpNetwork(octets, bits).contains(question.client()));
  }

  /** Names of the client that lead back to it, asked for once. RFC 7208 §5.5. */
  private List<String> validatedNames() {
    if (validated.isEmpty()) {
      var names = new ArrayList<String>();
      for (var name : ptrNames()) {
        if (leadsBack(name)) {
          names.add(withoutLastDot(name).toLowerCase(Locale.ROOT));
        }
      }
      validated = Optional.of(names);
    }
    return validated.get();
  }

  private List<String> ptrNames() {
    try {
      return dns.ptr(IpNetwork.address(question.client())).records().stream()
          .limit(MAX_NAMES)
          .toList();
    } catch (DnsException trouble) {
      // RFC 7208 §5.5: a failing PTR question is no match, not an error.
      return List.of();
    }
  }

  private boolean leadsBack(String name) {
    try {
      return anyWithin(addresses(withoutLastDot(name)), 32, 128);
    } catch (DnsException trouble) {
      // RFC 7208 §5.5: that name is skipped and the search goes on.
      return false;
    }
  }

  private void countTerm() throws PermError {
    if (++terms > MAX_TERMS) {
      throw new PermError("more than " + MAX_TERMS + " terms ask the DNS");
    }
  }

  private void countVoid(boolean isVoid) throws PermError {
    if (isVoid && ++voids > MAX_VOID) {
      throw new PermError("more than " + MAX_VOID + " terms ask for what is not there");
    }
  }

  private String target(Optional<SpfMacro> domain, String current) {
    return domain.isEmpty() ? current : target(domain.get(), current);
  }

  /** RFC 7208 §7.3: cut at the left to what a name may hold. */
  private String target(SpfMacro domain, String current) {
    var name = withoutLastDot(domain.expand(letter -> value(letter, current), Integer.MAX_VALUE));
    while (name.length() > DomainName.MAX_LENGTH && name.indexOf('.') >= 0) {
      // In one step near to the limit, since the text may be long.
      int from = name.length() - DomainName.MAX_LENGTH - 1;
      int dot = name.indexOf('.', from);
      name = dot < 0 ? name.substring(name.lastIndexOf('.') + 1) : name.substring(dot + 1);
    }
    return name;
  }

  /** RFC 7208 §6.2: any trouble with it is as if there were none. */
  private String explanation(SpfRecord policy, String domain) {
    if (policy.explanation().isEmpty()) {
      return "";
    }
    var name = target(policy.explanation().get(), domain);
    if (!DomainName.fits(name)) {
      return "";
    }
    try {
      var texts = dns.txt(name).records();
      if (texts.size() != 1) {
        return "";
      }
      var text = SpfMacro.explanation(texts.get(0));
      return printable(text.expand(letter -> value(letter, domain), MAX_EXPLANATION));
    } catch (DnsException | SpfSyntaxException notHad) {
      return "";
    }
  }

  /** RFC 7208 §7.2. */
  private String value(char letter, String domain) {
    return switch (letter) {
      case 's' -> question.local() + "@" + question.sender();
      case 'l' -> question.local();
      case 'o' -> question.sender();
      case 'd' -> domain;
      case 'i' -> IpNetwork.dotted(question.client());
      case 'p' -> validatedName(domain);
      case 'v' -> question.client().length == 4 ? "in-addr" : "ip6";
      case 'h' -> question.helo();
      case 'c' -> IpNetwork.print(question.client());
      case 'r' -> question.receiver();
      case 't' -> Long.toString(question.now().getEpochSecond());
      default -> throw new IllegalStateException("no such macro: " + letter);
    };
  }

  /** RFC 7208 §7.3: the domain itself, else a name below it, else any. */
  private String validatedName(String domain) {
    var names = validatedNames();
    var wanted = domain.toLowerCase(Locale.ROOT);
    if (names.contains(wanted)) {
      return wanted;
    }
    return names.stream()
        .filter(name -> DomainName.isWithin(name, wanted))
        .findFirst()
        .orElse(names.isEmpty() ? "unknown" : names.get(0));
  }

  private static String withoutLastDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static String printable(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < MAX_EXPLANATION; i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c <= '~' ? c : '?');
    }
    return out.toString();
  }
}
