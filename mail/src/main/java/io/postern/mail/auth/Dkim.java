package io.postern.mail.auth;

import io.postern.mail.AddressList;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import io.postern.mail.auth.DkimResult.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Verifies the DKIM signatures of a mail. RFC 6376 §6, with RFC 8301 and RFC 8463. */
public final class Dkim {
  /** Signatures of one mail that are looked at, from the top; no real mail bears as many. */
  public static final int MAX_SIGNATURES = 10;

  private final SignedMail mail;
  private final SignatureCheck check;

  private Dkim(SignedMail mail, Dns dns, Instant at) {
    this.mail = mail;
    this.check = new SignatureCheck(mail, new DkimKeys(dns), at);
  }

  /**
   * Verifies all signatures, up to {@link #MAX_SIGNATURES}; for each the DNS is asked one question
   * at most.
   *
   * @param at when: for signatures that expire
   * @return from top to bottom; none if the mail is not signed
   */
  public static List<DkimResult> verify(SignedMail mail, Dns dns, Instant at) {
    var dkim = new Dkim(mail, dns, at);
    return mail.fields("dkim-signature").stream().limit(MAX_SIGNATURES).map(dkim::verify).toList();
  }

  private DkimResult verify(RawField field) {
    DkimSignature signature;
    try {
      signature = DkimSignature.dkim(field);
    } catch (UnusableSignatureException unreadable) {
      return unread(field, unreadable);
    }
    try {
      refuseSeveralAuthors();
      accept(signature, check.verify(signature));
      return result(signature, Result.PASS, "verified", recipients(signature));
    } catch (UnusableSignatureException failed) {
      return result(signature, failed.result(), failed.getMessage(), List.of());
    }
  }

  /** Whose mail it is must be plain: which From is shown is not known. RFC 6376 §8.15. */
  private void refuseSeveralAuthors() throws UnusableSignatureException {
    int count = mail.fields("from").size();
    if (count != 1) {
      throw new UnusableSignatureException(
          Result.POLICY, "the mail has " + count + " From fields, not one");
    }
  }

  private static void accept(DkimSignature signature, DkimKey key)
      throws UnusableSignatureException {
    var identity = signature.identity().map(DkimSignature::domainOf).orElse(signature.domain());
    if (key.isStrict() && !identity.equals(signature.domain())) {
      throw new UnusableSignatureException(
          Result.PERMERROR, "the key is not for identities below " + signature.domain());
    }
    if (key.isTesting()) {
      // RFC 6376 §3.6.1: a mail of a domain that tests is to be taken like an unsigned one.
      throw new UnusableSignatureException(
          Result.POLICY, "it verifies, but " + signature.domain() + " only tests DKIM (t=y)");
    }
  }

  private List<Mailbox> recipients(DkimSignature signature) {
    var recipients = new ArrayList<Mailbox>();
    for (var field : mail.covered(signature.names())) {
      if (field.name().equals("to") || field.name().equals("cc")) {
        AddressList.parse(field.unfolded()).stream()
            .map(NamedMailbox::mailbox)
            .forEach(recipients::add);
      }
    }
    return recipients;
  }

  private static DkimResult result(
      DkimSignature signature, Result result, String reason, List<Mailbox> recipients) {
    return new DkimResult(
        result,
        signature.domain(),
        signature.identity().orElse("@" + signature.domain()),
        signature.selector(),
        signature.algorithm(),
        signature.names(),
        recipients,
        Base64.getEncoder().encodeToString(signature.signature()),
        reason);
  }

  /** With what is well formed of a signature that as a whole is not. */
  private static DkimResult unread(RawField field, UnusableSignatureException unreadable) {
    var domain = "";
    var selector = "";
    try {
      var tags = DkimSignature.tags(field);
      domain = DkimSignature.domain(tags);
      selector = DkimSignature.selector(tags);
    } catch (UnusableSignatureException alsoMalformed) {
      unreadable.addSuppressed(alsoMalformed);
    }
    return new DkimResult(
        unreadable.result(),
        domain,
        domain.isEmpty() ? "" : "@" + domain,
        selector,
        "",
        List.of(),
        List.of(),
        "",
        unreadable.getMessage());
  }
}
