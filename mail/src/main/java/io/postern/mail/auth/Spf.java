package io.postern.mail.auth;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Objects;

/**
 * Asks domains whether a client may send in their name. RFC 7208, whole. Without state of its own:
 * one may be used by several threads if its {@link Dns} may.
 */
public final class Spf {
  private final Dns dns;
  private final String receiver;

  /**
   * @param receiver our own host name, for the macro {@code %{r}}
   */
  public Spf(Dns dns, String receiver) {
    this.dns = Objects.requireNonNull(dns, "dns");
    this.receiver = Objects.requireNonNull(receiver, "receiver");
  }

  /**
   * Checks the name by which the client greeted. RFC 7208 §2.3.
   *
   * @param helo as it was said; anything is allowed
   * @param now for the macro {@code %{t}}
   */
  public SpfResult helo(InetAddress client, String helo, Instant now) {
    return check(SpfResult.Identity.HELO, client, helo, "postmaster", helo, now);
  }

  /**
   * Checks the reverse-path. RFC 7208 §2.4.
   *
   * @param reversePath without angle brackets; empty for the null reverse-path, which is checked as
   *     {@code postmaster} at the HELO name
   */
  public SpfResult mailFrom(InetAddress client, String helo, String reversePath, Instant now) {
    if (reversePath.isEmpty()) {
      return check(SpfResult.Identity.MAILFROM, client, helo, "postmaster", helo, now);
    }
    int at = reversePath.lastIndexOf('@');
    // RFC 7208 §4.3: where there is no local part, it is postmaster.
    var local = at <= 0 ? "postmaster" : reversePath.substring(0, at);
    var domain = reversePath.substring(at + 1);
    return check(SpfResult.Identity.MAILFROM, client, helo, local, domain, now);
  }

  private SpfResult check(
      SpfResult.Identity identity,
      InetAddress client,
      String helo,
      String local,
      String domain,
      Instant now) {
    var name = DomainName.parse(domain);
    if (name.isEmpty()) {
      return new SpfResult(SpfResult.Outcome.NONE, identity, "", "");
    }
    var question =
        new SpfCheck.Question(IpNetwork.octets(client), local, name.get(), helo, receiver, now);
    var verdict = new SpfCheck(dns, question).run();
    return new SpfResult(verdict.outcome(), identity, name.get(), verdict.explanation());
  }
}
