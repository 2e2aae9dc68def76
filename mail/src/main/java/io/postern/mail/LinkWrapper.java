package io.postern.mail;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Takes links out of the wrappers that mail filters and sites put around them, so that a reader
 * sees where a link leads. Only where the wrapper holds its target; nobody is asked. {@code
 * spec/content-types.md} §10.7, links.
 */
final class LinkWrapper {
  /** A longer wrapper is left as it is. */
  private static final int MAX_LENGTH = 8192;

  private static final int MAX_TARGET = 2000;

  /** A mail that passed several filters is wrapped several times. */
  private static final int MAX_LEVELS = 5;

  /** What Proofpoint writes behind two stars, from a run of two characters on. */
  private static final String RUNS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private static final Pattern SCHEME = Pattern.compile("(?i)https?://");

  /** How a target is written. */
  private enum Coding {
    PERCENT {
      @Override
      Optional<String> read(String text) {
        return percentDecoded(text);
      }
    },
    /** Proofpoint's second: {@code -} is a percent sign, {@code _} a slash. */
    DASHES {
      @Override
      Optional<String> read(String text) {
        return percentDecoded(text.replace('-', '%').replace('_', '/'));
      }
    },
    BASE64 {
      @Override
      Optional<String> read(String text) {
        return percentDecoded(text).flatMap(LinkWrapper::base64Decoded);
      }
    };

    abstract Optional<String> read(String text);
  }

  /**
   * A wrapper whose target is a parameter.
   *
   * @param host the host as a whole
   * @param path the path as a whole
   */
  private record ByParameter(Pattern host, Pattern path, String parameter, Coding coding) {
    static ByParameter of(String host, String path, String parameter, Coding coding) {
      return new ByParameter(Pattern.compile(host), Pattern.compile(path), parameter, coding);
    }

    static ByParameter of(String host, String path, String parameter) {
      return of(host, path, parameter, Coding.PERCENT);
    }

    Optional<String> target(Address address) {
      if (!host.matcher(address.host).matches() || !path.matcher(address.path()).matches()) {
        return Optional.empty();
      }
      return address.parameter(parameter).flatMap(coding::read);
    }
  }

  private static final String LABEL = "[a-z0-9-]{1,63}";

  private static final List<ByParameter> WRAPPERS =
      List.of(
          // Microsoft Safe Links, of all clouds.
          ByParameter.of(LABEL + "\\.safelinks\\.protection\\.outlook\\.(?:com|cn)", "/.*", "url"),
          ByParameter.of(
              LABEL + "\\.safelinks\\.protection\\.(?:office365\\.us|partner\\.outlook\\.cn)",
              "/.*",
              "url"),
          ByParameter.of("(?:www\\.)?google\\.[a-z]{2,3}(?:\\.[a-z]{2})?", "/url", "q"),
          ByParameter.of("(?:www\\.)?google\\.[a-z]{2,3}(?:\\.[a-z]{2})?", "/url", "url"),
          ByParameter.of("urldefense\\.proofpoint\\.com", "/v1/url", "u"),
          ByParameter.of("urldefense\\.proofpoint\\.com", "/v2/url", "u", Coding.DASHES),
          ByParameter.of("linkprotect\\.cudasvc\\.com", "/url", "a"),
          ByParameter.of("protect2?\\.fireeye\\.com", "/(?:v1/)?url", "u"),
          ByParameter.of("(?:lm?)\\.facebook\\.com", "/l\\.php", "u"),
          ByParameter.of("l\\.instagram\\.com", "/", "u"),
          ByParameter.of("(?:www\\.)?linkedin\\.com", "/(?:redir/redirect|safety/go)", "url"),
          ByParameter.of("(?:www\\.)?youtube\\.com", "/redirect", "q"),
          ByParameter.of("slack-redir\\.net", "/link", "url"),
          ByParameter.of("vk\\.com", "/away\\.php", "to"),
          ByParameter.of("clicktime\\.symantec\\.com", "/.*", "u"),
          ByParameter.of(LABEL + "\\.trendmicro\\.com", "/wis/clicktime/v[12]/query", "url"),
          ByParameter.of(LABEL + "\\.protection\\.sophos\\.com", "/", "u", Coding.BASE64));

  private LinkWrapper() {}

  /** Where the link leads; the link itself if it is no wrapper, or one that hides its target. */
  static String unwrap(String url) {
    var inner = url;
    for (int level = 0; level < MAX_LEVELS; level++) {
      var target = target(inner);
      if (target.isEmpty()) {
        break;
      }
      inner = target.get();
    }
    return inner;
  }

  /** The text with each wrapped link in it unwrapped. */
  static String unwrapAll(String text) {
    var scheme = SCHEME.matcher(text);
    if (!scheme.find()) {
      return text;
    }
    var out = new StringBuilder(text.length());
    int done = 0;
    int from = scheme.start();
    while (scheme.find(from)) {
      int start = scheme.start();
      int end = end(text, start);
      out.append(text, done, start).append(unwrap(text.substring(start, end)));
      done = end;
      from = Math.max(end, scheme.end());
      if (from > text.length()) {
        break;
      }
    }
    return out.append(text, done, text.length()).toString();
  }

  /** Where a link in a text ends: its last punctuation belongs to the sentence. */
  private static int end(String text, int start) {
    int end = start;
    while (end < text.length() && isOfLink(text.charAt(end))) {
      end++;
    }
    while (end > start && ".,;:?!)]}'*_".indexOf(text.charAt(end - 1)) >= 0) {
      end--;
    }
    return end;
  }

  private static boolean isOfLink(char c) {
    return c > ' ' && "<>\"\\^`{|}\u00a0".indexOf(c) < 0 && !Character.isWhitespace(c);
  }

  private static Optional<String> target(String url) {
    if (url.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    var address = Address.parse(url);
    return address
        .flatMap(
            wrapper ->
                WRAPPERS.stream()
                    .flatMap(known -> known.target(wrapper).stream())
                    .findFirst()
                    .or(() -> proofpoint3(wrapper))
                    .or(() -> cisco(wrapper))
                    .or(() -> checkPoint(wrapper)))
        .filter(LinkWrapper::isTarget);
  }

  /** A link that could stand in the mail itself: of the web, to a host, without spaces. */
  private static boolean isTarget(String target) {
    return target.length() <= MAX_TARGET
        && target.chars().allMatch(c -> c > ' ' && c != 0x7f && "<>\"".indexOf(c) < 0)
        && SafeText.line(target, MAX_TARGET).equals(target)
        && Address.parse(target).isPresent();
  }

  /**
   * {@code /v3/__URL__;CHARACTERS!!…$}: a star in the URL stands for the next of the characters,
   * two stars and a letter for as many of them as the letter says.
   */
  private static Optional<String> proofpoint3(Address address) {
    var rest = address.rest;
    int end = rest.indexOf("__;");
    int bang = end < 0 ? -1 : rest.indexOf('!', end);
    if (!address.host.matches("urldefense\\.(?:com|us|proofpoint\\.com)")
        || !rest.startsWith("/v3/__")
        || bang < 0
        || end < "/v3/__".length()) {
      return Optional.empty();
    }
    var characters = base64Decoded(rest.substring(end + 3, bang));
    var url = percentDecoded(rest.substring("/v3/__".length(), end));
    if (url.isEmpty() || characters.isEmpty()) {
      return Optional.empty();
    }
    // Some servers make one slash of two.
    return filled(url.get().replaceFirst("^(https?:/)(?!/)", "$1/"), characters.get());
  }

  private static Optional<String> filled(String url, String given) {
    var characters = given.codePoints().toArray();
    var out = new StringBuilder();
    int used = 0;
    for (int i = 0; i < url.length(); i++) {
      if (url.charAt(i) != '*') {
        out.append(url.charAt(i));
        continue;
      }
      int count = 1;
      if (i + 2 < url.length() && url.charAt(i + 1) == '*') {
        count = RUNS.indexOf(url.charAt(i + 2)) + 2;
        i += 2;
      }
      if (count < 1 || used + count > characters.length) {
        return Optional.empty();
      }
      for (int n = 0; n < count; n++) {
        out.appendCodePoint(characters[used++]);
      }
    }
    return Optional.of(out.toString());
  }

  /** {@code https://secure-web.cisco.com/TOKEN/https%3A%2F%2F…}. */
  private static Optional<String> cisco(Address address) {
    var path = address.path();
    int slash = path.lastIndexOf('/');
    return address.host.equals("secure-web.cisco.com") && slash > 0
        ? percentDecoded(path.substring(slash + 1))
        : Optional.empty();
  }

  /** {@code https://protect.checkpoint.com/v2/___https://…___.TOKEN}, once called Avanan. */
  private static Optional<String> checkPoint(Address address) {
    int start = address.rest.indexOf("/___");
    int end = address.rest.lastIndexOf("___.");
    return address.host.matches("protect\\.checkpoint\\.com|url\\.avanan\\.click")
            && start >= 0
            && end > start + "/___".length()
        ? Optional.of(address.rest.substring(start + "/___".length(), end))
        : Optional.empty();
  }

  /** With UTF-8 and without making spaces of plus signs; empty if it is malformed. */
  private static Optional<String> percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return Optional.of(text);
    }
    var octets = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c != '%') {
        octets.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(c);
        continue;
      }
      int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        return Optional.empty();
      }
      octets.write(high << 4 | low);
      i += 3;
    }
    return utf8(octets.toByteArray());
  }

  private static Optional<String> base64Decoded(String text) {
    try {
      int end = text.length();
      while (end > 0 && text.charAt(end - 1) == '=') {
        end--;
      }
      var bare = text.substring(0, end).replace('+', '-').replace('/', '_');
      return utf8(Base64.getUrlDecoder().decode(bare));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<String> utf8(byte[] octets) {
    try {
      var decoder = StandardCharsets.UTF_8.newDecoder();
      return Optional.of(decoder.decode(ByteBuffer.wrap(octets)).toString());
    } catch (CharacterCodingException malformed) {
      return Optional.empty();
    }
  }

  /**
   * A web address in two pieces.
   *
   * @param host in lower case, without a port
   * @param rest all that follows, from the first slash
   */
  private record Address(String host, String rest) {
    private static final Pattern FORM =
        Pattern.compile("(?i)https?://([^/?#@:\\s]+)(?::\\d{1,5})?(?=[/?#]|$)");

    static Optional<Address> parse(String url) {
      var form = FORM.matcher(url);
      return form.lookingAt()
          ? Optional.of(
              new Address(form.group(1).toLowerCase(Locale.ROOT), url.substring(form.end())))
          : Optional.empty();
    }

    String path() {
      int end = 0;
      while (end < rest.length() && rest.charAt(end) != '?' && rest.charAt(end) != '#') {
        end++;
      }
      return end == 0 ? "/" : rest.substring(0, end);
    }

    Optional<String> parameter(String name) {
      int query = rest.indexOf('?');
      if (query < 0) {
        return Optional.empty();
      }
      // Plain text that was made of HTML may still have the ampersands of HTML.
      for (var field : rest.substring(query + 1).replace("&amp;", "&").split("[&#]")) {
        if (field.startsWith(name + "=")) {
          return Optional.of(field.substring(name.length() + 1));
        }
      }
      return Optional.empty();
    }
  }
}
