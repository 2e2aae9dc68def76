package io.postern.mail.auth;

import io.postern.mail.auth.DkimResult.Result;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A DKIM-Signature or ARC-Message-Signature field, read but not verified. RFC 6376 §3.5, RFC 8617
 * §4.1.2.
 *
 * @param field the field itself
 * @param domain {@code d=}, lower-case
 * @param identity {@code i=} of DKIM, decoded; in ARC that tag means the instance
 * @param names {@code h=}, lower-case
 * @param length {@code l=}: how many octets of the canonical body it covers, if not all
 */
record DkimSignature(
    RawField field,
    String algorithm,
    byte[] signature,
    byte[] bodyHash,
    Canonicalization header,
    Canonicalization body,
    String domain,
    String selector,
    Optional<String> identity,
    List<String> names,
    Optional<Long> length,
    Optional<Instant> signedAt,
    Optional<Instant> expires) {

  /** RFC 6376 §3.5: tags t= and x= have 12 digits at most; l= up to 76, of which none is real. */
  private static final int MAX_DIGITS = 12;

  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL = 63;

  /**
   * Reads a DKIM-Signature.
   *
   * @throws UnusableSignatureException if it is malformed, or of a kind that is not known
   */
  static DkimSignature dkim(RawField field) throws UnusableSignatureException {
    var tags = tags(field);
    if (!required(tags, "v").equals("1")) {
      throw new UnusableSignatureException(Result.NEUTRAL, "its version is not 1");
    }
    var signature = of(field, tags, "simple/simple", identity(tags));
    if (!signature.names.contains("from")) {
      throw new UnusableSignatureException(Result.NEUTRAL, "it does not cover From");
    }
    return signature;
  }

  /**
   * Reads an ARC-Message-Signature.
   *
   * @throws UnusableSignatureException as {@link #dkim}
   */
  static DkimSignature arc(RawField field) throws UnusableSignatureException {
    // Without c= the hosts that ARC came from take the header as relaxed, although RFC 8617 §4.1.2
    // refers to RFC 6376 §3.5, where it is simple.
    var signature = of(field, tags(field), "relaxed/simple", Optional.empty());
    if (signature.names.contains("arc-seal")) {
      throw new UnusableSignatureException(Result.NEUTRAL, "it covers ARC-Seal");
    }
    return signature;
  }

  private static DkimSignature of(
      RawField field, TagList tags, String defaultForms, Optional<String> identity)
      throws UnusableSignatureException {
    var forms = required(tags, "c", defaultForms).split("/", -1);
    if (forms.length > 2) {
      throw malformed("c");
    }
    var domain = domain(tags);
    var method = tags.get("q").map(TagList::withoutSpace);
    if (method.isPresent() && !List.of(method.get().split(":")).contains("dns/txt")) {
      throw new UnusableSignatureException(Result.PERMERROR, "its key is not in the DNS (q=)");
    }
    var signature =
        new DkimSignature(
            field,
            algorithm(tags),
            base64(tags, "b"),
            base64(tags, "bh"),
            canonicalization(forms[0]),
            forms.length == 1 ? Canonicalization.SIMPLE : canonicalization(forms[1]),
            domain,
            selector(tags),
            identity,
            names(tags),
            number(tags, "l"),
            number(tags, "t").map(Instant::ofEpochSecond),
            number(tags, "x").map(Instant::ofEpochSecond));
    if (signature.expires.isPresent()
        && signature.signedAt.filter(at -> !at.isBefore(signature.expires.get())).isPresent()) {
      throw malformed("x");
    }
    if (identity.isPresent() && !isWithin(domainOf(identity.get()), domain)) {
      throw new UnusableSignatureException(
          Result.PERMERROR, "its identity (i=) is not within " + domain);
    }
    return signature;
  }

  static TagList tags(RawField field) throws UnusableSignatureException {
    return TagList.parse(field.value())
        .orElseThrow(
            () -> new UnusableSignatureException(Result.NEUTRAL, "its tags are malformed"));
  }

  static String required(TagList tags, String name) throws UnusableSignatureException {
    var value = tags.get(name);
    if (value.isEmpty()) {
      throw new UnusableSignatureException(Result.NEUTRAL, "its tag " + name + "= is missing");
    }
    return value.get();
  }

  private static String required(TagList tags, String name, String otherwise) {
    return tags.get(name).orElse(otherwise);
  }

  static UnusableSignatureException malformed(String tag) {
    return new UnusableSignatureException(Result.NEUTRAL, "its tag " + tag + "= is malformed");
  }

  static String algorithm(TagList tags) throws UnusableSignatureException {
    var algorithm = required(tags, "a");
    return switch (algorithm) {
      case "rsa-sha256", "ed25519-sha256" -> algorithm;
      case "rsa-sha1" ->
          throw new UnusableSignatureException(
              Result.PERMERROR, "rsa-sha1 shows nothing any more (RFC 8301 §3.1)");
      default -> throw new UnusableSignatureException(Result.NEUTRAL, "its algorithm is unknown");
    };
  }

  static byte[] base64(TagList tags, String name) throws UnusableSignatureException {
    try {
      var octets = Base64.getDecoder().decode(TagList.withoutSpace(required(tags, name)));
      if (octets.length == 0) {
        throw malformed(name);
      }
      return octets;
    } catch (IllegalArgumentException notBase64) {
      throw malformed(name);
    }
  }

  static Optional<Long> number(TagList tags, String name) throws UnusableSignatureException {
    var digits = tags.get(name);
    if (digits.isEmpty()) {
      return Optional.empty();
    }
    boolean isNumber = digits.get().chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber || digits.get().isEmpty() || digits.get().length() > MAX_DIGITS) {
      throw malformed(name);
    }
    return Optional.of(Long.parseLong(digits.get()));
  }

  /** {@code d=}. Only in ASCII: nobody has been seen to use the U-labels of RFC 8616. */
  static String domain(TagList tags) throws UnusableSignatureException {
    var domain = required(tags, "d");
    if (!isDomain(domain) || domain.indexOf('.') < 0) {
      throw malformed("d");
    }
    return domain.toLowerCase(Locale.ROOT);
  }

  static String selector(TagList tags) throws UnusableSignatureException {
    var selector = required(tags, "s");
    if (!isDomain(selector)) {
      throw malformed("s");
    }
    return selector;
  }

  private static Canonicalization canonicalization(String text) throws UnusableSignatureException {
    return switch (text) {
      case "simple" -> Canonicalization.SIMPLE;
      case "relaxed" -> Canonicalization.RELAXED;
      default -> throw malformed("c");
    };
  }

  private static List<String> names(TagList tags) throws UnusableSignatureException {
    var names = TagList.withoutSpace(required(tags, "h")).toLowerCase(Locale.ROOT);
    // Empty names: signed by some, and they cover nothing, although RFC 6376 §3.5 wants each said.
    return Stream.of(names.split(":")).filter(name -> !name.isEmpty()).toList();
  }

  private static Optional<String> identity(TagList tags) throws UnusableSignatureException {
    var identity = tags.get("i");
    if (identity.isEmpty()) {
      return Optional.empty();
    }
    var decoded = quotedPrintable(TagList.withoutSpace(identity.get()));
    if (decoded.indexOf('@') < 0 || !isDomain(domainOf(decoded))) {
      throw malformed("i");
    }
    return Optional.of(decoded);
  }

  /** RFC 6376 §2.11, {@code dkim-quoted-printable}. */
  private static String quotedPrintable(String text) throws UnusableSignatureException {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '=') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
        if (low < 0) {
          throw malformed("i");
        }
        c = (char) (high << 4 | low);
        i += 2;
      }
      out.append(c);
    }
    return out.toString();
  }

  /** What stands after the last {@code @}. */
  static String domainOf(String identity) {
    return identity.substring(identity.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
  }

  private static boolean isWithin(String domain, String parent) {
    return domain.equals(parent) || domain.endsWith("." + parent);
  }

  private static boolean isDomain(String text) {
    if (text.isEmpty() || text.length() > MAX_NAME) {
      return false;
    }
    for (var label : text.split("\\.", -1)) {
      boolean isLabel =
          !label.isEmpty()
              && label.length() <= MAX_LABEL
              && label
                  .chars()
                  .allMatch(
                      c -> c < 0x80 && (Character.isLetterOrDigit(c) || c == '-' || c == '_'));
      if (!isLabel) {
        return false;
      }
    }
    return true;
  }
}
