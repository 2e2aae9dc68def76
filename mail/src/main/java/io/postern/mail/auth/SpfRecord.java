package io.postern.mail.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One policy, read to its end before any of it is evaluated. RFC 7208 §4.6 and §12.
 *
 * @param directives in their order
 * @param redirect where to go on when none of them matches
 * @param explanation where the words on a {@code fail} are
 */
record SpfRecord(
    List<Directive> directives, Optional<SpfMacro> redirect, Optional<SpfMacro> explanation) {
  private static final String VERSION = "v=spf1";
  private static final Pattern MODIFIER = Pattern.compile("([A-Za-z][A-Za-z0-9_.-]*)=(.*)");
  private static final Pattern MECHANISM =
      Pattern.compile("([-+?~]?)([A-Za-z][A-Za-z0-9]*)([:/].*)?");
  private static final Pattern DUAL_CIDR =
      Pattern.compile("(.*?)(?:/(0|[1-9][0-9]{0,2}))?(?://(0|[1-9][0-9]{0,2}))?");
  private static final Pattern CIDR = Pattern.compile(":(.*?)(?:/(0|[1-9][0-9]{0,2}))?");

  /** A mechanism and what its match means. RFC 7208 §4.6.2. */
  record Directive(SpfResult.Outcome meaning, Mechanism mechanism) {}

  /** RFC 7208 §5. An absent domain is the one that is being checked. */
  sealed interface Mechanism {}

  record All() implements Mechanism {}

  record Include(SpfMacro domain) implements Mechanism {}

  record A(Optional<SpfMacro> domain, int bits4, int bits6) implements Mechanism {}

  record Mx(Optional<SpfMacro> domain, int bits4, int bits6) implements Mechanism {}

  record Ptr(Optional<SpfMacro> domain) implements Mechanism {}

  record Ip(IpNetwork network) implements Mechanism {}

  record Exists(SpfMacro domain) implements Mechanism {}

  SpfRecord {
    directives = List.copyOf(directives);
  }

  /** Whether a TXT record is a policy. RFC 7208 §4.5. */
  static boolean isPolicy(String txt) {
    return txt.regionMatches(true, 0, VERSION, 0, VERSION.length())
        && (txt.length() == VERSION.length() || txt.charAt(VERSION.length()) == ' ');
  }

  static SpfRecord parse(String txt) throws SpfSyntaxException {
    var directives = new ArrayList<Directive>();
    Optional<SpfMacro> redirect = Optional.empty();
    Optional<SpfMacro> explanation = Optional.empty();
    for (var term : txt.substring(VERSION.length()).split(" ")) {
      if (term.isEmpty()) {
        continue;
      }
      var modifier = MODIFIER.matcher(term);
      if (!modifier.matches()) {
        directives.add(directive(term));
        continue;
      }
      switch (modifier.group(1).toLowerCase(Locale.ROOT)) {
        case "redirect" -> redirect = once(redirect, modifier.group(2), "redirect");
        case "exp" -> explanation = once(explanation, modifier.group(2), "exp");
        default -> SpfMacro.string(modifier.group(2));
      }
    }
    return new SpfRecord(directives, redirect, explanation);
  }

  private static Optional<SpfMacro> once(Optional<SpfMacro> earlier, String domain, String name)
      throws SpfSyntaxException {
    if (earlier.isPresent()) {
      throw new SpfSyntaxException(name + "= stands there twice");
    }
    return Optional.of(SpfMacro.domainSpec(domain));
  }

  private static Directive directive(String term) throws SpfSyntaxException {
    var read = MECHANISM.matcher(term);
    if (!read.matches()) {
      throw unknown(term);
    }
    var meaning =
        switch (read.group(1)) {
          case "-" -> SpfResult.Outcome.FAIL;
          case "~" -> SpfResult.Outcome.SOFTFAIL;
          case "?" -> SpfResult.Outcome.NEUTRAL;
          default -> SpfResult.Outcome.PASS;
        };
    var rest = read.group(3) == null ? "" : read.group(3);
    return new Directive(meaning, mechanism(read.group(2).toLowerCase(Locale.ROOT), rest, term));
  }

  private static Mechanism mechanism(String name, String rest, String term)
      throws SpfSyntaxException {
    switch (name) {
      case "all":
        if (!rest.isEmpty()) {
          throw unknown(term);
        }
        return new All();
      case "include":
        return new Include(domain(rest, term).orElseThrow(() -> unknown(term)));
      case "exists":
        return new Exists(domain(rest, term).orElseThrow(() -> unknown(term)));
      case "ptr":
        return new Ptr(domain(rest, term));
      case "ip4":
      case "ip6":
        return ip(name.equals("ip4"), rest, term);
      case "a":
      case "mx":
        var cidr = DUAL_CIDR.matcher(rest);
        if (!cidr.matches()) {
          throw unknown(term);
        }
        var domain = domain(cidr.group(1), term);
        int bits4 = bits(cidr.group(2), 32, term);
        int bits6 = bits(cidr.group(3), 128, term);
        return name.equals("a") ? new A(domain, bits4, bits6) : new Mx(domain, bits4, bits6);
      default:
        throw unknown(term);
    }
  }

  private static Mechanism ip(boolean version4, String rest, String term)
      throws SpfSyntaxException {
    var cidr = CIDR.matcher(rest);
    if (!cidr.matches()) {
      throw unknown(term);
    }
    var address =
        (version4 ? IpNetwork.parse4(cidr.group(1)) : IpNetwork.parse6(cidr.group(1)))
            .orElseThrow(() -> unknown(term));
    return new Ip(new IpNetwork(address, bits(cidr.group(2), address.length * 8, term)));
  }

  private static int bits(String digits, int most, String term) throws SpfSyntaxException {
    int bits = digits == null ? most : Integer.parseInt(digits);
    if (bits > most) {
      throw unknown(term);
    }
    return bits;
  }

  private static Optional<SpfMacro> domain(String rest, String term) throws SpfSyntaxException {
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    if (!rest.startsWith(":")) {
      throw unknown(term);
    }
    return Optional.of(SpfMacro.domainSpec(rest.substring(1)));
  }

  private static SpfSyntaxException unknown(String term) {
    return new SpfSyntaxException("\"" + term + "\" is not a term of SPF");
  }
}
