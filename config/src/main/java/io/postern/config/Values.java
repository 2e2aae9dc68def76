package io.postern.config;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.IpNetwork;
import io.postern.mapping.AddressPattern;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The forms of values in a configuration. Each says how it is written if it is not written so. */
final class Values {
  private static final Pattern SELECTOR =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9-]+)*");

  private static final Pattern LISTEN = Pattern.compile("(\\[[^\\]]+\\]|[^:\\[\\]]+):(\\d{1,5})");
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.]{2,45}\\]");
  private static final Pattern HOST =
      Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?|[0-9a-fA-F:.]{2,45}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
  private static final int DNS_PORT = 53;
  private static final String NAME_SERVER =
      "write an IP address, for example 192.0.2.53 or 127.0.0.1:5353";
  private static final int MAX_PORT = 65_535;
  private static final int MAX_SHOWN = 60;

  private Values() {}

  /** Reads the text of one value. */
  interface Form<T> {
    T parse(String text) throws ValueException;
  }

  /** The text itself. */
  static String text(String text) {
    return text;
  }

  /** One line that is not empty. */
  static String line(String text) throws ValueException {
    if (text.isBlank() || text.chars().anyMatch(Character::isISOControl)) {
      throw new ValueException("write one line");
    }
    return text;
  }

  /** The name or the address of a server, without its port. */
  static String host(String text) throws ValueException {
    if (!HOST.matcher(text).matches()) {
      throw new ValueException("write the name of a server, for example mail.example.org");
    }
    return text;
  }

  /** An IP address and a port; names would have to be asked for. {@code localhost} is 127.0.0.1. */
  static InetSocketAddress listen(String text) throws ValueException {
    var match = LISTEN.matcher(text);
    if (!match.matches()) {
      throw new ValueException("write host:port, for example 0.0.0.0:2525");
    }
    var host = match.group(1);
    int port = Integer.parseInt(match.group(2));
    if (port > MAX_PORT) {
      throw new ValueException("write a port from 1 to 65535, or 0 for any that is free");
    }
    if (host.equals("localhost")) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
    if (!IPV4.matcher(host).matches() && !IPV6.matcher(host).matches()) {
      throw new ValueException(
          "write an IP address before the port, for example 127.0.0.1:2525 or [::1]:2525");
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException malformed) {
      throw new ValueException("write an IPv6 address in brackets, for example [::1]:2525");
    }
  }

  /** An IP address, with a port where it is not the usual one. */
  static InetSocketAddress nameServer(String text) throws ValueException {
    boolean isBareV6 = !text.startsWith("[") && text.indexOf(':') != text.lastIndexOf(':');
    var address = isBareV6 ? "[" + text + "]" : text;
    boolean hasPort = !IPV4.matcher(address).matches() && !IPV6.matcher(address).matches();
    try {
      var server = listen(hasPort ? address : address + ":" + DNS_PORT);
      if (server.getPort() > 0) {
        return server;
      }
    } catch (ValueException malformed) {
      throw new ValueException(NAME_SERVER);
    }
    throw new ValueException(NAME_SERVER);
  }

  /** An IP network, or one address. */
  static IpNetwork network(String text) throws ValueException {
    return IpNetwork.parse(text)
        .orElseThrow(
            () -> new ValueException("write an IP network, for example 10.0.0.0/8 or fd00::/8"));
  }

  /** A number and its unit. */
  static Duration duration(String text) throws ValueException {
    var match = DURATION.matcher(text);
    if (!match.matches()) {
      throw new ValueException("write a number and a unit, for example 20s, 2m, 1h or 500ms");
    }
    long amount = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** A whole number of octets. */
  static long octets(String text) throws ValueException {
    if (!NUMBER.matcher(text).matches()) {
      throw new ValueException("write a number of octets, for example 26214400");
    }
    return Long.parseLong(text);
  }

  /** A whole number. */
  static int count(String text) throws ValueException {
    if (!NUMBER.matcher(text).matches() || Long.parseLong(text) > Integer.MAX_VALUE) {
      throw new ValueException("write a number, for example 100");
    }
    return Integer.parseInt(text);
  }

  /** {@code true} or {@code false}. */
  static boolean yesOrNo(String text) throws ValueException {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new ValueException("write true or false");
    };
  }

  static int port(String text) throws ValueException {
    if (!NUMBER.matcher(text).matches()
        || Long.parseLong(text) < 1
        || Long.parseLong(text) > MAX_PORT) {
      throw new ValueException("write a port from 1 to 65535");
    }
    return Integer.parseInt(text);
  }

  /** A path as it is written; relative ones begin where the daemon was started. */
  static Path path(String text) throws ValueException {
    if (text.isBlank()) {
      throw new ValueException("write a path, for example ./data");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException malformed) {
      throw new ValueException("write a path, for example ./data");
    }
  }

  /** RFC 6376 §3.1: labels of the DNS. */
  static String selector(String text) throws ValueException {
    if (text.length() > 100 || !SELECTOR.matcher(text).matches()) {
      throw new ValueException("write letters, digits and hyphens, for example postern");
    }
    return text.toLowerCase(Locale.ROOT);
  }

  /** A domain name, in lower case; no address literal. */
  static String domain(String text) throws ValueException {
    try {
      var domain = new Mailbox("postmaster", text).domain();
      if (domain.startsWith("[")) {
        throw new ValueException("write a domain name, for example bridge.example");
      }
      if (!domain.chars().allMatch(c -> c < 0x80)) {
        throw new ValueException("write its ASCII form, whose foreign labels begin with xn--");
      }
      return domain;
    } catch (IllegalArgumentException malformed) {
      throw new ValueException("write a domain name, for example bridge.example");
    }
  }

  /** A domain name, or one with {@code *.} before it, which means all domains below it. */
  static String domainOrBelow(String text) throws ValueException {
    return text.startsWith("*.") ? "*." + domain(text.substring(2)) : domain(text);
  }

  static Mailbox mailbox(String text) throws ValueException {
    try {
      return Mailbox.parse(text);
    } catch (MailException malformed) {
      throw new ValueException("write an address, for example alice@bridge.example");
    }
  }

  /** One mailbox, or all whose local part has a form. */
  static AddressPattern pattern(String text) throws ValueException {
    try {
      return AddressPattern.parse(text);
    } catch (MailException malformed) {
      throw new ValueException(
          "write an address, or a pattern with one * before the @, for example *@corp.example");
    }
  }

  /** Where a node is: a scheme, a host, a port, and nothing else. */
  static URI nodeUrl(String text) throws ValueException {
    var remedy = "write https://host:port, for example https://node.example.org:443";
    try {
      var url = new URI(text);
      boolean isPlain =
          url.getUserInfo() == null
              && url.getQuery() == null
              && url.getFragment() == null
              && (url.getPath() == null || url.getPath().isEmpty() || url.getPath().equals("/"));
      if (url.getScheme() == null
          || !url.getScheme().matches("https?")
          || url.getHost() == null
          || url.getPort() < 1
          || url.getPort() > MAX_PORT
          || !isPlain) {
        throw new ValueException(remedy);
      }
      return url;
    } catch (URISyntaxException malformed) {
      throw new ValueException(remedy);
    }
  }

  /** Where something answers by HTTP. */
  static URI httpUrl(String text) throws ValueException {
    var remedy = "write a URL, for example http://127.0.0.1:11333/checkv2";
    try {
      var url = new URI(text);
      if (url.getScheme() == null
          || !url.getScheme().matches("https?")
          || url.getHost() == null
          || url.getUserInfo() != null
          || url.getFragment() != null) {
        throw new ValueException(remedy);
      }
      return url;
    } catch (URISyntaxException malformed) {
      throw new ValueException(remedy);
    }
  }

  /** One of the words of an enum, in lower case. */
  static <E extends Enum<E>> Form<E> oneOf(Class<E> words) {
    return text -> {
      for (var word : words.getEnumConstants()) {
        if (word.name().toLowerCase(Locale.ROOT).equals(text)) {
          return word;
        }
      }
      throw new ValueException(
          "write one of "
              + Arrays.stream(words.getEnumConstants())
                  .map(word -> word.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", ")));
    };
  }

  /** A value or key in a message: in quotes, on one line, and not longer than a line. */
  static String shown(String text) {
    var clean = cleaned(text);
    return "\""
        + (clean.length() > MAX_SHOWN ? clean.substring(0, MAX_SHOWN - 1) + "…" : clean)
        + "\"";
  }

  /** Without what would break a line, or move a terminal's cursor. */
  static String cleaned(String text) {
    return text.replaceAll("\\p{Cntrl}|\\p{Cf}", "?");
  }
}
