package io.postern.mail.auth;

import io.postern.mail.Mailbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether the author of a mail may speak: the mailbox in From is theirs if a check that passed
 * belongs to the author's organization, whether or not their domain publishes a policy ({@code
 * design.md} §2).
 */
public sealed interface Authentication {
  /** Of a reason, in characters; it goes into one SMTP reply. */
  int MAX_REASON = 400;

  /** What vouches for the author. */
  enum Method {
    DKIM,
    SPF,
    /**
     * A forwarder on the operator's list says in its ARC set (RFC 8617) that the mail had passed.
     */
    ARC_LIST;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * What is known of one mail.
   *
   * @param author the single mailbox of From; empty if there is none or more than one
   * @param spf of HELO and of the reverse-path, those that were checked
   * @param dkimPasses {@code d=} of each signature that verified
   * @param dkimTrouble {@code d=} of each signature whose key could not be asked for: {@code
   *     temperror}
   * @param dmarc for the author's domain; empty if there is no author
   * @param sealer the domain on the operator's list whose ARC set, in a chain that passes, says
   *     that the mail was aligned for the author's domain; empty if none
   */
  record Facts(
      Optional<Mailbox> author,
      List<SpfResult> spf,
      List<String> dkimPasses,
      List<String> dkimTrouble,
      Optional<DmarcResult> dmarc,
      Optional<String> sealer) {
    public Facts {
      spf = List.copyOf(spf);
      dkimPasses = List.copyOf(dkimPasses);
      dkimTrouble = List.copyOf(dkimTrouble);
      Objects.requireNonNull(sealer, "sealer");
      if (author.isPresent() != dmarc.isPresent()) {
        throw new IllegalArgumentException("an author and the DMARC result go together");
      }
    }
  }

  /**
   * The author may speak.
   *
   * @param domain that vouches: the signer's, that of the reverse-path, or the sealer's
   */
  record Speaks(String domain, Method method) implements Authentication {}

  /**
   * Nobody vouches for the author: SMTP 550.
   *
   * @param status 5.7.26 (RFC 7372 §3.4)
   * @param reason in plain words, one line of printable US-ASCII
   */
  record Silent(String status, String reason) implements Authentication {}

  /**
   * The DNS could not be asked for what might vouch for the author: SMTP 451.
   *
   * @param status 4.7.24 for SPF (RFC 7372 §3.2), else 4.4.3 (RFC 3463 §3.5)
   * @param reason in plain words, one line of printable US-ASCII
   */
  record NotNow(String status, String reason) implements Authentication {}

  static Authentication of(Facts facts) {
    if (facts.author().isEmpty() || facts.dmarc().isEmpty()) {
      return new Silent("5.7.26", "the From field must name one author, by one address");
    }
    var domain = facts.author().get().domain();
    var author = DomainName.parse(domain);
    if (author.isEmpty()) {
      return new Silent("5.7.26", "nothing can vouch for an author at " + line(domain));
    }
    var dmarc = facts.dmarc().get();
    if (dmarc.aligned().isPresent()) {
      var aligned = dmarc.aligned().get();
      boolean dkim = aligned.method() == DmarcResult.Method.DKIM;
      return new Speaks(aligned.domain(), dkim ? Method.DKIM : Method.SPF);
    }
    if (facts.sealer().isPresent()) {
      return new Speaks(facts.sealer().get(), Method.ARC_LIST);
    }
    return trouble(author.get(), facts, dmarc)
        .orElseGet(() -> new Silent("5.7.26", reason(author.get(), facts, dmarc)));
  }

  /** Only trouble with what could have vouched for the author is worth another try. */
  private static Optional<Authentication> trouble(String author, Facts facts, DmarcResult dmarc) {
    var spf = reversePath(facts.spf());
    if (spf.isPresent()
        && spf.get().outcome() == SpfResult.Outcome.TEMPERROR
        && mayAlign(author, spf.get().domain())) {
      return notNow("4.7.24", "SPF of " + spf.get().domain());
    }
    for (var signer : facts.dkimTrouble()) {
      if (mayAlign(author, signer)) {
        return notNow("4.4.3", "the DKIM key of " + signer);
      }
    }
    boolean passed =
        facts.dkimPasses().stream().anyMatch(signer -> mayAlign(author, signer))
            || spf.isPresent() && spf.get().passed() && mayAlign(author, spf.get().domain());
    return passed && dmarc.outcome() == DmarcResult.Outcome.TEMPERROR
        ? notNow("4.4.3", "DMARC of " + author)
        : Optional.empty();
  }

  private static Optional<Authentication> notNow(String status, String what) {
    return Optional.of(
        new NotNow(status, line("the DNS cannot be asked for " + what + "; try again later")));
  }

  /**
   * An organization has two labels at least ({@link TreeWalk#organization}), or is the author's.
   */
  private static boolean mayAlign(String author, String other) {
    return DomainName.parse(other)
        .filter(name -> DomainName.last(name, 2).equals(DomainName.last(author, 2)))
        .isPresent();
  }

  private static Optional<SpfResult> reversePath(List<SpfResult> spf) {
    return spf.stream().filter(each -> each.identity() == SpfResult.Identity.MAILFROM).findFirst();
  }

  private static String reason(String author, Facts facts, DmarcResult dmarc) {
    var words = new ArrayList<String>();
    var spf = reversePath(facts.spf());
    if (spf.isEmpty() || spf.get().domain().isEmpty()) {
      words.add("SPF: no domain to check");
    } else if (spf.get().passed()) {
      words.add("SPF: pass, but for " + spf.get().domain());
    } else {
      words.add("SPF: " + spf.get().outcome() + " for " + spf.get().domain());
    }
    words.add(
        facts.dkimPasses().isEmpty()
            ? "DKIM: no valid signature"
            : "DKIM: pass, but for " + facts.dkimPasses().get(0));
    if (dmarc.outcome() == DmarcResult.Outcome.FAIL) {
      words.add("DMARC policy: " + dmarc.policy());
    }
    var text =
        "nothing shows that " + author + " sent this mail (" + String.join("; ", words) + ")";
    if (spf.isPresent() && !spf.get().explanation().isEmpty()) {
      // RFC 7208 §6.2: who speaks must be told apart, these are a stranger's words.
      text +=
          spf.get().outcome() == SpfResult.Outcome.FAIL
              ? "; " + spf.get().domain() + " explains: " + spf.get().explanation()
              : "; " + spf.get().explanation();
    }
    return line(text);
  }

  private static String line(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length() && i < MAX_REASON; i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c <= '~' ? c : '?');
    }
    return out.toString();
  }
}
