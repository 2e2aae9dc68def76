package io.postern.bridge;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** A mailing list that passes mail on and seals it: the first ARC set of a chain. RFC 8617 §5.1. */
final class SealedMail {
  private static final String END = "\r\n";

  private final String domain;
  private final KeyPair pair;

  SealedMail(String domain) throws GeneralSecurityException {
    this.domain = domain;
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    this.pair = generator.generateKeyPair();
  }

  /** What {@code sel._domainkey.DOMAIN} must hold. */
  String record() {
    return "v=DKIM1; k=rsa; p=" + base64(pair.getPublic().getEncoded());
  }

  /**
   * @param claim what the list says it found when the mail came to it
   * @param fields of the header, one line each; all are covered
   * @param body in the relaxed form
   */
  byte[] seal(String claim, List<String> fields, String body) throws GeneralSecurityException {
    var names = fields.stream().map(field -> field.substring(0, field.indexOf(':'))).toList();
    var results = "ARC-Authentication-Results: i=1; " + claim;
    var message =
        "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d="
            + domain
            + "; s=sel; h="
            + String.join(":", names).toLowerCase(Locale.ROOT)
            + "; bh="
            + base64(MessageDigest.getInstance("SHA-256").digest(octets(body)))
            + "; b=";
    var covered = new StringBuilder();
    fields.forEach(field -> covered.append(relaxed(field)).append(END));
    message += sign(covered + relaxed(message));
    var seal = "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=" + domain + "; s=sel; b=";
    seal += sign(relaxed(results) + END + relaxed(message) + END + relaxed(seal));
    return octets(String.join(END, seal, message, results, String.join(END, fields), "", body));
  }

  private String sign(String data) throws GeneralSecurityException {
    var signer = Signature.getInstance("SHA256withRSA");
    signer.initSign(pair.getPrivate());
    signer.update(octets(data));
    return base64(signer.sign());
  }

  private static String relaxed(String field) {
    int colon = field.indexOf(':');
    var value = field.substring(colon + 1).replaceAll("[ \t]+", " ").strip();
    return field.substring(0, colon).toLowerCase(Locale.ROOT) + ":" + value;
  }

  private static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
