package io.postern.mail.auth;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One policy record. RFC 9989 §4.7 and §4.8. What breaks the grammar after the version is as if it
 * were not there; so is a tag that stands there twice, because nobody can say which one is meant.
 *
 * @param request what the domain wants for failures under its own name; empty if the record asks
 *     for no processing at all (RFC 9989 §4.10.1: no valid policy and no reporting address)
 * @param subdomains {@code sp}, else {@code p}
 * @param missing {@code np}, for names that do not exist; empty if there is none
 * @param suffix {@code psd}
 * @param testing {@code t=y}
 */
record DmarcRecord(
    Optional<DmarcResult.Policy> request,
    DmarcResult.Policy subdomains,
    Optional<DmarcResult.Policy> missing,
    Suffix suffix,
    boolean strictDkim,
    boolean strictSpf,
    boolean testing) {
  private static final Pattern VERSION =
      Pattern.compile("v[ \t]*=[ \t]*DMARC1[ \t]*(?:;.*)?", Pattern.DOTALL);
  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:[!-~]+");

  /** RFC 9989 §4.7, {@code psd}. */
  enum Suffix {
    /** A public suffix: organizations begin one label below. */
    YES,
    /** An organization of its own. */
    NO,
    UNKNOWN
  }

  /** Empty if the text is no record of this version, which is then to be ignored. */
  static Optional<DmarcRecord> parse(String txt) {
    if (!VERSION.matcher(txt).matches()) {
      return Optional.empty();
    }
    var tags = tags(txt);
    var p = policy(tags.get("p"));
    boolean wrong =
        p.isEmpty()
            || tags.containsKey("sp") && policy(tags.get("sp")).isEmpty()
            || tags.containsKey("np") && policy(tags.get("np")).isEmpty();
    Optional<DmarcResult.Policy> request = p;
    if (wrong) {
      request = reports(tags.get("rua")) ? Optional.of(DmarcResult.Policy.NONE) : Optional.empty();
    }
    var own = request.orElse(DmarcResult.Policy.NONE);
    return Optional.of(
        new DmarcRecord(
            request,
            wrong ? own : policy(tags.get("sp")).orElse(own),
            wrong ? Optional.empty() : policy(tags.get("np")),
            suffix(tags.getOrDefault("psd", "")),
            "s".equalsIgnoreCase(tags.get("adkim")),
            "s".equalsIgnoreCase(tags.get("aspf")),
            "y".equalsIgnoreCase(tags.get("t"))));
  }

  /**
   * Names in lower case; a tag that stands there twice has an empty value, which no rule allows.
   */
  private static Map<String, String> tags(String txt) {
    var tags = new HashMap<String, String>();
    Set<String> seen = new HashSet<>();
    for (var part : txt.split(";")) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        continue;
      }
      var name = part.substring(0, equals).strip().toLowerCase(Locale.ROOT);
      tags.put(name, seen.add(name) ? part.substring(equals + 1).strip() : "");
    }
    return tags;
  }

  private static Optional<DmarcResult.Policy> policy(String value) {
    return switch (value == null ? "" : value.toLowerCase(Locale.ROOT)) {
      case "none" -> Optional.of(DmarcResult.Policy.NONE);
      case "quarantine" -> Optional.of(DmarcResult.Policy.QUARANTINE);
      case "reject" -> Optional.of(DmarcResult.Policy.REJECT);
      default -> Optional.empty();
    };
  }

  private static Suffix suffix(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "y" -> Suffix.YES;
      case "n" -> Suffix.NO;
      default -> Suffix.UNKNOWN;
    };
  }

  private static boolean reports(String rua) {
    if (rua == null) {
      return false;
    }
    for (var uri : rua.split(",")) {
      if (URI.matcher(uri.strip()).matches()) {
        return true;
      }
    }
    return false;
  }
}
