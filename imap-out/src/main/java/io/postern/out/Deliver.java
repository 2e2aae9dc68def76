package io.postern.out;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How outgoing mail leaves: the setting {@code deliver}, one case for each {@link MailSender}. */
public sealed interface Deliver {
  /**
   * To the mail hosts of each recipient's domain: {@link MxSender}.
   *
   * @param routes domains whose mail goes to a host of its own instead
   */
  record Mx(List<Route> routes) implements Deliver {
    public Mx {
      routes = List.copyOf(routes);
    }

    /** All of it. */
    public Mx() {
      this(List.of());
    }

    /**
     * How mail to this domain leaves: an exact route counts before a pattern, a longer pattern
     * before a shorter one.
     *
     * @param domain of the recipient, in ASCII
     */
    public Deliver to(String domain) {
      return routes.stream()
          .filter(route -> route.covers(domain))
          .max(Comparator.comparing(Route::isExact).thenComparing(r -> r.domain().length()))
          .<Deliver>map(Route::smarthost)
          .orElse(this);
    }
  }

  /**
   * A domain whose mail goes to one host, which delivers it further.
   *
   * @param domain in ASCII and lower case; {@code *.} before it means all domains below it
   */
  record Route(String domain, Smarthost smarthost) {
    private static final String BELOW = "*.";

    boolean isExact() {
      return !domain.startsWith(BELOW);
    }

    boolean covers(String other) {
      return isExact() ? other.equals(domain) : other.endsWith(domain.substring(1));
    }
  }

  /**
   * Everything to one host, which delivers further: {@link SmarthostSender}.
   *
   * @param port usually 587, or 465 with {@link TlsMode#IMPLICIT}
   * @param login empty if the host knows us otherwise
   */
  record Smarthost(String host, int port, Optional<Login> login, TlsMode tls) implements Deliver {
    /**
     * @throws IllegalArgumentException if host or port cannot be one, or a password would be sent
     *     over a connection that anybody may strip of its TLS
     */
    public Smarthost {
      requireServer(host, port);
      if (login.isPresent()) {
        requireSafeForPassword(tls);
      }
    }
  }

  /**
   * Into a folder of a mailbox: {@link ImapAppender}.
   *
   * @param port usually 993 with {@link TlsMode#IMPLICIT}, or 143
   * @param folder its full name as people write it, in the server's hierarchy; made if it is absent
   */
  record Imap(String host, int port, Login login, String folder, TlsMode tls) implements Deliver {
    /**
     * @throws IllegalArgumentException if host, port or folder cannot be one, or the password would
     *     be sent over a connection that anybody may strip of its TLS
     */
    public Imap {
      requireServer(host, port);
      requireSafeForPassword(tls);
      if (folder.isEmpty() || folder.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("folder must be one line and not empty");
      }
    }
  }

  /**
   * Nowhere: kept as files and shown, for trying things out: {@link io.postern.out.Capture}.
   *
   * @param folder where the files go; made if it is absent
   */
  record Capture(Path folder) implements Deliver {}

  private static void requireServer(String host, int port) {
    if (host.isBlank() || host.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new IllegalArgumentException("host must be a name or an address");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port is " + port + "; write a number from 1 to 65535");
    }
  }

  private static void requireSafeForPassword(TlsMode tls) {
    if (tls == TlsMode.OPPORTUNISTIC) {
      throw new IllegalArgumentException(
          "tls is opportunistic, which would show the password to whoever hides STARTTLS;"
              + " write required or implicit, or none for a server on this machine");
    }
  }
}
