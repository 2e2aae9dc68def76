package io.postern.bridge;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import io.postern.smtp.ClientCheck;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists of addresses that somebody publishes in the DNS because bad mail comes from there. RFC
 * 5782. Used by several threads.
 *
 * <p>Asked at RCPT and not at connect, so that a refusal names a recipient and can be found; and
 * once for all the recipients of a client. A list that does not answer refuses nobody.
 */
final class Blocklists implements ClientCheck {
  private static final Logger log = LoggerFactory.getLogger(Blocklists.class);

  /** No question is begun after this; one that is under way has its own end. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private static final Duration KEEP = Duration.ofMinutes(5);
  private static final Duration KEEP_UNKNOWN = Duration.ofMinutes(1);
  private static final int MAX_WORDS = 200;

  private final List<String> lists;
  private final Predicate<InetAddress> strangers;
  private final Dns dns;
  private final InstantSource clock;
  private final Memo<InetAddress, Optional<SmtpReply>> known;
  private final Set<String> complained = ConcurrentHashMap.newKeySet();

  /**
   * @param lists the domains below which they are published
   * @param strangers clients about whom they are asked
   */
  Blocklists(List<String> lists, Predicate<InetAddress> strangers, Dns dns, InstantSource clock) {
    this.lists = List.copyOf(lists);
    this.strangers = strangers;
    this.dns = dns;
    this.clock = clock;
    this.known = new Memo<>(clock);
  }

  @Override
  public Optional<SmtpReply> check(Attempt attempt) {
    // No list says anything true about networks that everybody has.
    if (lists.isEmpty() || !strangers.test(attempt.client())) {
      return Optional.empty();
    }
    return known.recall(attempt.client()).orElseGet(() -> ask(attempt.client()));
  }

  private Optional<SmtpReply> ask(InetAddress client) {
    var bounded = new MailDns(dns, clock, LONGEST);
    boolean allAnswered = true;
    for (var list : lists) {
      try {
        var name = reversed(client) + "." + list;
        if (isListed(bounded.a(name).records(), list)) {
          var refusal = Optional.of(refusal(client, list, reason(bounded, name)));
          known.remember(client, refusal, KEEP);
          return refusal;
        }
      } catch (DnsException silent) {
        log.debug("dnsbl={} does not answer: {}", list, silent.getMessage());
        allAnswered = false;
      }
    }
    known.remember(client, Optional.empty(), allAnswered ? KEEP : KEEP_UNKNOWN);
    return Optional.empty();
  }

  /**
   * RFC 5782 §2.1: an address of 127.0.0.0/8 says that the client is listed. Anything else is the
   * work of somebody who answers for names that do not exist; and by 127.255.255.0/24 lists say
   * that they will not answer us.
   */
  private static boolean isListing(InetAddress code) {
    var octets = code.getAddress();
    boolean error = octets[1] == -1 && octets[2] == -1;
    return octets.length == 4 && octets[0] == 127 && !error;
  }

  private boolean isListed(List<InetAddress> codes, String list) {
    for (var code : codes) {
      if (!isListing(code) && complained.add(list)) {
        log.warn("dnsbl={} answers {}, which lists nobody; may we ask it?", list, code);
      }
    }
    return codes.stream().anyMatch(Blocklists::isListing);
  }

  /**
   * Does a list answer us? RFC 5782 §5: each lists 127.0.0.2, for whoever wants to know that.
   *
   * @throws IOException if it does not
   */
  static void require(String list, Dns dns) throws IOException {
    try {
      var codes = dns.a("2.0.0.127." + list).records();
      if (codes.stream().noneMatch(Blocklists::isListing)) {
        throw new IOException(
            "it does not list 127.0.0.2, as each list should (RFC 5782 §5); is that its name, and"
                + " may we ask it?");
      }
    } catch (DnsException silent) {
      throw new IOException(silent.getMessage(), silent);
    }
  }

  /** RFC 5782 §2.1: a TXT record that says why. */
  private static String reason(Dns dns, String name) {
    try {
      return dns.txt(name).records().stream()
          .findFirst()
          .map(text -> ": " + text.substring(0, Math.min(text.length(), MAX_WORDS)))
          .orElse("");
    } catch (DnsException silent) {
      return ""; // Listed it is all the same.
    }
  }

  private static SmtpReply refusal(InetAddress client, String list, String reason) {
    return SmtpReply.of(554, "5.7.1", client.getHostAddress() + " is listed by " + list + reason);
  }

  /** RFC 5782 §2.1, §2.4: the octets of IPv4, the nibbles of IPv6, the last first. */
  static String reversed(InetAddress client) {
    var octets = client.getAddress();
    var name = new StringBuilder();
    for (int i = octets.length - 1; i >= 0; i--) {
      int octet = octets[i] & 0xff;
      name.append(name.length() > 0 ? "." : "");
      if (octets.length == 4) {
        name.append(octet);
      } else {
        name.append(Character.forDigit(octet & 15, 16)).append('.');
        name.append(Character.forDigit(octet >> 4, 16));
      }
    }
    return name.toString();
  }
}
