package io.postern.xmtp.identity;

import java.util.Optional;

/**
 * The two members of a WebAuthn client data object that decide about a signature. WebAuthn §5.8.1,
 * read as leniently and as strictly as other clients do: other members may be anything that is
 * JSON, even with text that is not UTF-8; neither of the two may come twice; an array of the two,
 * origin first, will do as well.
 *
 * @param origin the site, may be empty
 * @param challenge what was signed, in base64url
 */
record ClientData(String origin, String challenge) {
  /**
   * @throws IdentityException if the octets are not JSON or one of the two is missing, doubled or
   *     no text
   */
  static ClientData read(byte[] octets) throws IdentityException {
    var json = new JsonCursor(octets);
    var data = json.next('[') ? array(json) : object(json);
    json.end();
    return data;
  }

  private static ClientData array(JsonCursor json) throws IdentityException {
    var origin = json.string();
    json.expect(',');
    var challenge = json.string();
    json.expect(']');
    return new ClientData(origin, challenge);
  }

  private static ClientData object(JsonCursor json) throws IdentityException {
    Optional<String> origin = Optional.empty();
    Optional<String> challenge = Optional.empty();
    json.expect('{');
    if (!json.next('}')) {
      do {
        var name = json.string();
        json.expect(':');
        switch (name) {
          case "origin" -> origin = once(origin, json.string());
          case "challenge" -> challenge = once(challenge, json.string());
          default -> json.skipValue();
        }
      } while (json.next(','));
      json.expect('}');
    }
    return new ClientData(
        origin.orElseThrow(ClientData::invalid), challenge.orElseThrow(ClientData::invalid));
  }

  private static Optional<String> once(Optional<String> before, String value)
      throws IdentityException {
    if (before.isPresent()) {
      throw invalid();
    }
    return Optional.of(value);
  }

  static IdentityException invalid() {
    return IdentityError.SIGNATURE.with("client_data is invalid");
  }
}
