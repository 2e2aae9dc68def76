package io.postern.mail.auth;

import io.postern.mail.Mailbox;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What one DKIM signature of a mail shows. RFC 8601 §2.7.1. Texts are empty where the signature
 * does not say it in a form that can be read.
 *
 * @param result whether it shows anything; only {@link Result#PASS} does
 * @param domain {@code d=}, who signed; lower-case
 * @param identity {@code i=}, on whose behalf; {@code @} and the domain if it does not say
 * @param selector {@code s=}
 * @param algorithm {@code a=}
 * @param signedFields {@code h=}: the names of the fields that it covers, lower-case, each as often
 *     as it is named
 * @param signedRecipients the mailboxes of the To and Cc fields that it covers; none unless it
 *     passes
 * @param signature {@code b=} without white space: the same for each copy of one signed mail
 * @param reason in words, for people
 */
public record DkimResult(
    Result result,
    String domain,
    String identity,
    String selector,
    String algorithm,
    List<String> signedFields,
    List<Mailbox> signedRecipients,
    String signature,
    String reason) {

  /** The results of RFC 8601 §2.7.1. */
  public enum Result {
    /** The mail was not signed. */
    NONE,
    PASS,
    FAIL,
    /** It may be right, but is of a kind that is not accepted here. */
    POLICY,
    /** It could not be understood. */
    NEUTRAL,
    /** A later attempt may say more. */
    TEMPERROR,
    /** No later attempt will say more: the key is absent or cannot be used, for example. */
    PERMERROR;

    /** As RFC 8601 writes it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public DkimResult {
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(reason, "reason");
    signedFields = List.copyOf(signedFields);
    signedRecipients = List.copyOf(signedRecipients);
  }

  public boolean passed() {
    return result == Result.PASS;
  }

  /**
   * Whether whoever signed has seen this recipient in the To or Cc: a mail that is sent on to
   * others than those it was written to still passes, but names them not.
   */
  public boolean names(Mailbox recipient) {
    return signedRecipients.stream().anyMatch(recipient::sameAs);
  }
}
