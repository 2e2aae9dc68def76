package io.postern.smtp;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Does a mail go in circles? It does if it has passed too many hosts (RFC 5321 §6.3) or if it bears
 * the mark of this bridge: an {@code X-XMTP-*} field that names one of its own domains.
 */
public final class LoopCheck {
  /** RFC 5321 §6.3 asks for 100 at least; the rule of this project is stricter. */
  static final int MAX_RECEIVED = 30;

  private static final String MARK = "x-xmtp-";

  private final Optional<Pattern> ownDomains;

  /**
   * @param ownDomains the bridge domains and the host name, in any case; none means that only the
   *     hosts are counted
   */
  public LoopCheck(Collection<String> ownDomains) {
    var alternatives =
        ownDomains.stream()
            .map(domain -> Pattern.quote(domain.toLowerCase(Locale.ROOT)))
            .collect(Collectors.joining("|"));
    // A whole domain only: neither sub.bridge.example nor bridge.example.net is bridge.example.
    this.ownDomains =
        alternatives.isEmpty()
            ? Optional.empty()
            : Optional.of(
                Pattern.compile(
                    "(?<![a-z0-9.-])(?:" + alternatives + ")(?![a-z0-9-]|\\.[a-z0-9])"));
  }

  /**
   * @param fields the header from top to bottom, each field unfolded
   * @return the refusal, 554 5.4.6, if the mail goes in circles
   */
  public Optional<SmtpReply> check(List<String> fields) {
    int received = 0;
    for (var field : fields) {
      int colon = field.indexOf(':');
      if (colon < 0) {
        continue;
      }
      var name = field.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      if (name.equals("received")) {
        received++;
      } else if (name.startsWith(MARK) && namesUs(field.substring(colon + 1))) {
        return refusal("this mail left here before, see its " + field.substring(0, colon).strip());
      }
    }
    return received > MAX_RECEIVED
        ? refusal("this mail has passed " + received + " hosts")
        : Optional.empty();
  }

  private boolean namesUs(String value) {
    return ownDomains
        .map(domains -> domains.matcher(value.toLowerCase(Locale.ROOT)).find())
        .orElse(false);
  }

  private static Optional<SmtpReply> refusal(String reason) {
    return Optional.of(SmtpReply.of(554, "5.4.6", "Mail loop: " + reason));
  }
}
