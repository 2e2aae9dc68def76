package io.postern.xmtp.content;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that lies encrypted on some web server, {@code xmtp.org/remoteStaticAttachment:1.0}. §3.4.
 * {@link RemoteAttachmentCipher} makes and opens it. Neither its address nor its keys may get into
 * a mail.
 *
 * @param url where the payload is, as the sender wrote it; see {@link #httpsUrl}
 * @param contentDigest hexadecimal SHA-256 of the payload, of either case
 * @param secret what the key is derived from
 * @param salt for the derivation, 32 octets
 * @param nonce 12 octets
 * @param scheme {@code https} in one of its spellings; says nothing that the URL does not
 * @param contentLength octets of the payload, from 0 to 4294967295, if known; only a claim
 * @param filename a claim, too: the name inside the payload counts
 */
public record RemoteAttachment(
    String url,
    String contentDigest,
    Octets secret,
    Octets salt,
    Octets nonce,
    String scheme,
    OptionalLong contentLength,
    Optional<String> filename)
    implements Content {
  /** The type's name. */
  public static final ContentTypeId TYPE = ContentTypeId.xmtp("remoteStaticAttachment", 1);

  static final long MAX_UINT32 = 0xffff_ffffL;

  public RemoteAttachment {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(contentDigest, "contentDigest");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(salt, "salt");
    Objects.requireNonNull(nonce, "nonce");
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(filename, "filename");
    if (contentLength.isPresent()
        && (contentLength.getAsLong() < 0 || contentLength.getAsLong() > MAX_UINT32)) {
      throw new IllegalArgumentException("contentLength " + contentLength.getAsLong());
    }
  }

  static RemoteAttachment read(ContentReader in) throws ContentException {
    return new RemoteAttachment(
        in.utf8(),
        in.parameter("contentDigest").orElse(""),
        hex(in, "secret"),
        hex(in, "salt"),
        hex(in, "nonce"),
        in.parameter("scheme").orElse(""),
        length(in.parameter("contentLength").orElse("")),
        // Android writes the word null for a name that it does not know.
        in.parameter("filename").filter(name -> !name.isEmpty() && !name.equals("null")));
  }

  private static Octets hex(ContentReader in, String parameter) throws ContentException {
    String digits = in.parameter(parameter).orElse("");
    try {
      return Octets.ofHex(digits.startsWith("0x") ? digits.substring(2) : digits);
    } catch (IllegalArgumentException notHex) {
      // Without its cause, whose message would repeat the key.
      throw new ContentException("parameter " + parameter + " is not hexadecimal");
    }
  }

  /** Unknown unless it is a 32-bit number: iOS writes -1, Android null where libxmtp has none. */
  private static OptionalLong length(String digits) {
    if (!digits.matches("\\+?0*[0-9]{1,10}") || Long.parseLong(digits) > MAX_UINT32) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(digits));
  }

  /**
   * Where to fetch the payload; empty unless it is an absolute https URL with a host and without a
   * user name. Whoever fetches has yet to refuse addresses that are not public. §4.
   */
  public Optional<URI> httpsUrl() {
    try {
      var uri = new URI(url);
      return "https".equalsIgnoreCase(uri.getScheme())
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
          ? Optional.of(uri)
          : Optional.empty();
    } catch (URISyntaxException malformed) {
      return Optional.empty();
    }
  }

  /** Whether these are the octets that the digest was made of; the digits' case does not matter. */
  boolean matches(byte[] payload) {
    String found = HexFormat.of().formatHex(MessageId.sha256().digest(payload));
    return found.equalsIgnoreCase(contentDigest);
  }

  /** The claimed name, as it may be shown and stored. §10.5. */
  public String safeFilename() {
    return Filename.safe(filename);
  }

  @Override
  public Optional<ContentTypeId> type() {
    return Optional.of(TYPE);
  }

  @Override
  public Optional<String> fallback() {
    return Optional.of(
        "Can't display "
            + filename.orElse("this content")
            + ". This app doesn't support remote attachments.");
  }

  @Override
  public boolean shouldPush() {
    return true;
  }

  @Override
  public void write(ContentWriter out) {
    out.parameter("contentDigest", contentDigest)
        .parameter("secret", secret.hex())
        .parameter("salt", salt.hex())
        .parameter("nonce", nonce.hex())
        .parameter("scheme", scheme);
    contentLength.ifPresent(length -> out.parameter("contentLength", Long.toString(length)));
    filename.ifPresent(name -> out.parameter("filename", name));
    out.content(url);
  }

  /** Keys and address stay out of logs. */
  @Override
  public String toString() {
    return "RemoteAttachment[contentDigest=" + contentDigest + "]";
  }
}
