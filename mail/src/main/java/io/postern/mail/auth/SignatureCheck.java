package io.postern.mail.auth;

import io.postern.mail.auth.DkimResult.Result;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;

/** Checks what a DKIM-Signature and an ARC-Message-Signature have in common. RFC 6376 §6.1. */
final class SignatureCheck {
  /** Clocks differ; a signature from further ahead is not believed. */
  private static final Duration MAX_SKEW = Duration.ofHours(1);

  private final SignedMail mail;
  private final DkimKeys keys;
  private final Instant at;

  SignatureCheck(SignedMail mail, DkimKeys keys, Instant at) {
    this.mail = mail;
    this.keys = keys;
    this.at = at;
  }

  /**
   * @return the key that verifies it
   * @throws UnusableSignatureException if it does not pass
   */
  DkimKey verify(DkimSignature signature) throws UnusableSignatureException {
    if (signature.expires().filter(expires -> expires.isBefore(at)).isPresent()) {
      throw new UnusableSignatureException(Result.POLICY, "it has expired (x=)");
    }
    if (signature.signedAt().filter(signed -> signed.isAfter(at.plus(MAX_SKEW))).isPresent()) {
      throw new UnusableSignatureException(Result.POLICY, "it was made in the future (t=)");
    }
    refusePartOfBody(signature);
    // Before the key is asked for: a mail whose body has changed costs no question.
    if (!MessageDigest.isEqual(signature.bodyHash(), mail.bodyHash(signature.body()))) {
      throw new UnusableSignatureException(Result.FAIL, "the body has changed since it was signed");
    }
    var octets = data(signature).getBytes(StandardCharsets.ISO_8859_1);
    return keys.verify(
        signature.domain(),
        signature.selector(),
        signature.algorithm(),
        octets,
        signature.signature());
  }

  /** What follows the signed part could be anybody's, and be all that is seen. RFC 6376 §8.2. */
  private void refusePartOfBody(DkimSignature signature) throws UnusableSignatureException {
    if (signature.length().isEmpty()) {
      return;
    }
    long signed = signature.length().get();
    long whole = mail.bodyLength(signature.body());
    if (signed > whole) {
      throw new UnusableSignatureException(
          Result.PERMERROR, "it covers " + signed + " octets of a body of " + whole + " (l=)");
    }
    if (signed < whole) {
      throw new UnusableSignatureException(
          Result.POLICY, "it covers only " + signed + " of " + whole + " octets of the body (l=)");
    }
  }

  /** The octets that are signed. RFC 6376 §3.7. */
  private String data(DkimSignature signature) {
    var data = new StringBuilder();
    for (var field : mail.covered(signature.names())) {
      data.append(signature.header().field(field)).append("\r\n");
    }
    data.append(signature.header().field(signature.field().withoutSignature()));
    return data.toString();
  }
}
