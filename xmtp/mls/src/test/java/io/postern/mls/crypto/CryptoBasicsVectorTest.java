package io.postern.mls.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.Vectors;
import java.security.SecureRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class CryptoBasicsVectorTest {
  private final SecureRandom random = new SecureRandom();

  @TestFactory
  Stream<DynamicTest> agreesWithTheWorkingGroup() {
    return Vectors.each(
        "crypto-basics.json",
        entry -> {
          CipherSuite suite = Vectors.suite(entry);
          derives(suite.kdf(), entry);
          signs(suite.signing(), entry.get("sign_with_label"));
          encrypts(suite.hpke(), entry.get("encrypt_with_label"));
        });
  }

  private static void derives(Kdf kdf, JsonNode entry) {
    JsonNode reference = entry.get("ref_hash");
    assertThat(
            HashReference.refHash(
                    kdf, reference.get("label").asText(), Vectors.octets(reference, "value"))
                .toOctets())
        .isEqualTo(Vectors.octets(reference, "out"));
    JsonNode expand = entry.get("expand_with_label");
    assertThat(
            kdf.expandWithLabel(
                Vectors.secret(expand, "secret"),
                expand.get("label").asText(),
                Vectors.octets(expand, "context"),
                expand.get("length").asInt()))
        .isEqualTo(Vectors.secret(expand, "out"));
    JsonNode derive = entry.get("derive_secret");
    assertThat(kdf.deriveSecret(Vectors.secret(derive, "secret"), derive.get("label").asText()))
        .isEqualTo(Vectors.secret(derive, "out"));
    JsonNode tree = entry.get("derive_tree_secret");
    assertThat(
            kdf.deriveTreeSecret(
                Vectors.secret(tree, "secret"),
                tree.get("label").asText(),
                tree.get("generation").asLong(),
                tree.get("length").asInt()))
        .isEqualTo(Vectors.secret(tree, "out"));
  }

  private static void signs(Signing signing, JsonNode entry) {
    SignatureKeyPair pair = SignatureKeyPair.of(Vectors.secret(entry, "priv"));
    String label = entry.get("label").asText();
    byte[] content = Vectors.octets(entry, "content");

    assertThat(pair.publicKey()).isEqualTo(Vectors.octets(entry, "pub"));
    assertThat(signing.signWithLabel(pair, label, content))
        .isEqualTo(Vectors.octets(entry, "signature"));
    assertThat(
            signing.verifyWithLabel(
                pair.publicKey(), label, content, Vectors.octets(entry, "signature")))
        .isTrue();
    assertThat(
            signing.verifyWithLabel(
                pair.publicKey(), label + "x", content, Vectors.octets(entry, "signature")))
        .isFalse();
  }

  private void encrypts(Hpke hpke, JsonNode entry) throws MlsException {
    Secret privateKey = Vectors.secret(entry, "priv");
    String label = entry.get("label").asText();
    byte[] context = Vectors.octets(entry, "context");
    byte[] plaintext = Vectors.octets(entry, "plaintext");
    HpkeCiphertext given =
        new HpkeCiphertext(
            Vectors.octets(entry, "kem_output"), Vectors.octets(entry, "ciphertext"));
    HpkeCiphertext ours =
        hpke.encryptWithLabel(Vectors.octets(entry, "pub"), label, context, plaintext, random);

    assertThat(hpke.kem().publicKey(privateKey)).isEqualTo(Vectors.octets(entry, "pub"));
    assertThat(hpke.decryptWithLabel(privateKey, label, context, given)).isEqualTo(plaintext);
    assertThat(hpke.decryptWithLabel(privateKey, label, context, ours)).isEqualTo(plaintext);
  }
}
