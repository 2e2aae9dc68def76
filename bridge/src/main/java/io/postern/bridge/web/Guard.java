package io.postern.bridge.web;

import com.sun.net.httpserver.Headers;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who may ask for what. design.md §6.
 *
 * <ul>
 *   <li>Host must name this listener. A page whose name was made to resolve to the loopback (DNS
 *       rebinding) is refused here, also when it only reads.
 *   <li>What changes anything must come from a page of this listener (Origin, or Referer where a
 *       browser sends none) and carry the token of this start.
 *   <li>The token is given once as {@code ?token=} and then kept in a cookie that no script reads
 *       and no other site's request carries. Cookies know no ports: its name holds ours, and a
 *       browser also shows it to other servers of this machine, so visit none that you do not
 *       trust.
 * </ul>
 */
final class Guard {
  private final Set<String> hosts;
  private final AccessToken token;
  private final String cookieName;

  Guard(InetSocketAddress listener, AccessToken token) {
    this.hosts = hosts(listener);
    this.token = token;
    this.cookieName = cookieName(listener.getPort());
  }

  /** Browsers send cookies to every port of a host. */
  static String cookieName(int port) {
    return "postern-" + port;
  }

  private static Set<String> hosts(InetSocketAddress listener) {
    var names = new LinkedHashSet<>(List.of("127.0.0.1", "localhost", "[::1]"));
    if (listener.getAddress() instanceof Inet4Address own) {
      names.add(own.getHostAddress());
    }
    var hosts = new LinkedHashSet<String>();
    for (var name : names) {
      hosts.add(name + ":" + listener.getPort());
      if (listener.getPort() == 80) {
        hosts.add(name);
      }
    }
    return Set.copyOf(hosts);
  }

  /**
   * @return the Host as it was given, lower-case
   * @throws RefusedRequest 421 (RFC 9110 §15.5.20) if it is not ours, missing or there twice
   */
  String requireHost(Headers headers) throws RefusedRequest {
    var given = headers.getOrDefault("Host", List.of());
    var host = given.size() == 1 ? given.get(0).toLowerCase(Locale.ROOT) : "";
    if (!hosts.contains(host)) {
      throw new RefusedRequest(
          421,
          "This listener answers only by its own name, for example "
              + hosts.stream().sorted().findFirst().orElseThrow()
              + ". Through a tunnel, use the same port at both ends.");
    }
    return host;
  }

  /**
   * @param host of the same request
   * @throws RefusedRequest 403 if the request does not come from a page of that host
   */
  void requireOwnPage(Headers headers, String host) throws RefusedRequest {
    var origins = headers.getOrDefault("Origin", List.of());
    var referers = headers.getOrDefault("Referer", List.of());
    boolean own =
        origins.isEmpty()
            ? referers.size() == 1 && referers.get(0).startsWith("http://" + host + "/")
            : origins.equals(List.of("http://" + host));
    if (!own) {
      throw new RefusedRequest(403, "This request does not come from a page of this listener.");
    }
  }

  /**
   * @throws RefusedRequest 403 if this is not the token
   */
  void requireToken(String given) throws RefusedRequest {
    if (!token.matches(given)) {
      throw new RefusedRequest(
          403, "The token is missing or not that of this start. Postern prints it when it starts.");
    }
  }

  /** Whether the browser has shown the token before. */
  boolean isKnown(Headers headers) {
    return headers.getOrDefault("Cookie", List.of()).stream()
        .flatMap(line -> List.of(line.split(";", -1)).stream())
        .map(String::strip)
        .filter(pair -> pair.startsWith(cookieName + "="))
        .anyMatch(pair -> token.matches(pair.substring(cookieName.length() + 1)));
  }

  /** The cookie that makes a browser known; it ends with the browser's session. */
  String cookie() {
    return cookieName + "=" + token.reveal() + "; Path=/; HttpOnly; SameSite=Strict";
  }
}
