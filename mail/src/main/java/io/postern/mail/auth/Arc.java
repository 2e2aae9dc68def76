package io.postern.mail.auth;

import io.postern.mail.auth.DkimResult.Result;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Validates the chain of ARC sets of a mail. RFC 8617 §5.2. */
public final class Arc {
  /** RFC 8617 §4.2.1: instances end there. */
  public static final int MAX_SETS = 50;

  private static final String RESULTS = "arc-authentication-results";
  private static final String SIGNATURE = "arc-message-signature";
  private static final String SEAL = "arc-seal";

  private final SignedMail mail;
  private final DkimKeys keys;
  private final SignatureCheck check;

  /** The three fields of one instance; null where one is missing. */
  private static final class ArcSet {
    private RawField results;
    private RawField signature;
    private RawField seal;
    private TagList sealTags;
    private String domain;

    boolean isWhole() {
      return results != null && signature != null && seal != null;
    }
  }

  private Arc(SignedMail mail, Dns dns, Instant at) {
    this.mail = mail;
    this.keys = new DkimKeys(dns);
    this.check = new SignatureCheck(mail, keys, at);
  }

  /**
   * Validates the chain. The DNS is asked 20 questions at most.
   *
   * @param at when: for signatures that expire
   */
  public static ArcResult validate(SignedMail mail, Dns dns, Instant at) {
    boolean hasNone =
        mail.fields().stream()
            .map(RawField::name)
            .noneMatch(name -> name.equals(RESULTS) || name.equals(SIGNATURE) || name.equals(SEAL));
    if (hasNone) {
      return new ArcResult(ArcResult.Status.NONE, false, 0, List.of(), "no ARC set");
    }
    try {
      return new Arc(mail, dns, at).validate();
    } catch (UnusableSignatureException failed) {
      boolean temporary = failed.result() == Result.TEMPERROR;
      return new ArcResult(ArcResult.Status.FAIL, temporary, 0, List.of(), failed.getMessage());
    }
  }

  private ArcResult validate() throws UnusableSignatureException {
    var sets = sets();
    int last = sets.size();
    for (int i = last; i >= 1; i--) {
      readSeal(i, sets.get(i - 1));
    }
    try {
      check.verify(DkimSignature.arc(sets.get(last - 1).signature));
    } catch (UnusableSignatureException failed) {
      throw of("ARC-Message-Signature", last, failed);
    }
    for (int i = last; i >= 1; i--) {
      verifySeal(i, sets);
    }
    var seals = new ArrayList<ArcResult.Seal>();
    for (int i = 1; i <= last; i++) {
      var set = sets.get(i - 1);
      seals.add(new ArcResult.Seal(i, set.domain, claim(set.results)));
    }
    return new ArcResult(
        ArcResult.Status.PASS, false, oldestPass(sets), seals, "a chain of " + last + " verifies");
  }

  /** The sets by their instance, none missing, none twice. RFC 8617 §5.2, steps 1 and 3. */
  private List<ArcSet> sets() throws UnusableSignatureException {
    var sets = new ArrayList<ArcSet>();
    for (var field : mail.fields()) {
      switch (field.name()) {
        case RESULTS -> {
          var set = set(sets, instanceOfResults(field));
          refuseSecond(set.results, "ARC-Authentication-Results");
          set.results = field;
        }
        case SIGNATURE -> {
          var set = set(sets, instance(DkimSignature.tags(field)));
          refuseSecond(set.signature, "ARC-Message-Signature");
          set.signature = field;
        }
        case SEAL -> {
          var tags = DkimSignature.tags(field);
          var set = set(sets, instance(tags));
          refuseSecond(set.seal, "ARC-Seal");
          set.seal = field;
          set.sealTags = tags;
        }
        default -> {
          // Not of ARC.
        }
      }
    }
    for (int i = 0; i < sets.size(); i++) {
      if (!sets.get(i).isWhole()) {
        throw malformed("set " + (i + 1) + " is not whole");
      }
    }
    return sets;
  }

  private static ArcSet set(List<ArcSet> sets, int instance) {
    while (sets.size() < instance) {
      sets.add(new ArcSet());
    }
    return sets.get(instance - 1);
  }

  private static void refuseSecond(RawField first, String name) throws UnusableSignatureException {
    if (first != null) {
      throw malformed("two " + name + " fields are of one instance");
    }
  }

  private static int instance(TagList tags) throws UnusableSignatureException {
    return instance(DkimSignature.required(tags, "i"));
  }

  private static int instance(String text) throws UnusableSignatureException {
    boolean isNumber =
        !text.isEmpty() && text.length() <= 2 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int instance = isNumber ? Integer.parseInt(text) : 0;
    if (instance < 1 || instance > MAX_SETS) {
      throw malformed("an instance is not from 1 to " + MAX_SETS);
    }
    return instance;
  }

  /** RFC 8617 §4.1.1: the instance stands before what is else an Authentication-Results field. */
  private static int instanceOfResults(RawField field) throws UnusableSignatureException {
    var tag = instanceTag(field.unfolded());
    int equals = tag.indexOf('=');
    if (equals < 0 || !tag.substring(0, equals).strip().equals("i")) {
      throw malformed("an ARC-Authentication-Results field does not begin with its instance");
    }
    return instance(tag.substring(equals + 1).strip());
  }

  private static String instanceTag(String value) {
    int semicolon = value.indexOf(';');
    return semicolon < 0 ? "" : value.substring(0, semicolon);
  }

  private static Optional<AuthenticationResults> claim(RawField field) {
    var value = field.unfolded();
    return AuthenticationResults.parse(value.substring(value.indexOf(';') + 1));
  }

  private static void readSeal(int instance, ArcSet set) throws UnusableSignatureException {
    var validation = DkimSignature.required(set.sealTags, "cv");
    if (validation.equals("fail")) {
      throw malformed("seal " + instance + " says that the chain had failed before");
    }
    if (!validation.equals(instance == 1 ? "none" : "pass")) {
      throw malformed("seal " + instance + " has a cv= that cannot be there");
    }
    if (set.sealTags.get("h").isPresent()) {
      throw malformed("seal " + instance + " has h=");
    }
    DkimSignature.number(set.sealTags, "t");
    set.domain = DkimSignature.domain(set.sealTags);
  }

  /** A seal covers all sets up to its own, in relaxed form. RFC 8617 §5.1.1. */
  private void verifySeal(int instance, List<ArcSet> sets) throws UnusableSignatureException {
    var own = sets.get(instance - 1);
    var data = new StringBuilder();
    for (var set : sets.subList(0, instance)) {
      data.append(Canonicalization.RELAXED.field(set.results)).append("\r\n");
      data.append(Canonicalization.RELAXED.field(set.signature)).append("\r\n");
      if (set == own) {
        data.append(Canonicalization.RELAXED.field(set.seal.withoutSignature()));
      } else {
        data.append(Canonicalization.RELAXED.field(set.seal)).append("\r\n");
      }
    }
    try {
      keys.verify(
          own.domain,
          DkimSignature.selector(own.sealTags),
          DkimSignature.algorithm(own.sealTags),
          data.toString().getBytes(StandardCharsets.ISO_8859_1),
          DkimSignature.base64(own.sealTags, "b"));
    } catch (UnusableSignatureException failed) {
      throw of("ARC-Seal", instance, failed);
    }
  }

  /** RFC 8617 §5.2, step 5. Earlier ones than the last may fail: lists change what they pass on. */
  private int oldestPass(List<ArcSet> sets) {
    for (int i = sets.size() - 1; i >= 1; i--) {
      try {
        check.verify(DkimSignature.arc(sets.get(i - 1).signature));
      } catch (UnusableSignatureException changedSince) {
        return i + 1;
      }
    }
    return 0;
  }

  private static UnusableSignatureException malformed(String reason) {
    return new UnusableSignatureException(Result.FAIL, reason);
  }

  private static UnusableSignatureException of(
      String field, int instance, UnusableSignatureException failed) {
    return new UnusableSignatureException(
        failed.result(), field + " " + instance + ": " + failed.getMessage(), failed);
  }
}
