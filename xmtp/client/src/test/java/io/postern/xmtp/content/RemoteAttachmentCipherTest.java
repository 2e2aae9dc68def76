package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.xmtp.content.Vectors.Vector;
import java.net.URI;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteAttachmentCipherTest {
  private static final String FILE = "remote-attachment-encryption";
  private static final byte[] SECRET = counting(32, 9);
  private static final byte[] SALT = counting(32, 99);
  private static final byte[] NONCE = counting(12, 199);

  private static byte[] counting(int length, int from) {
    byte[] octets = new byte[length];
    for (int i = 0; i < length; i++) {
      octets[i] = (byte) (from + i);
    }
    return octets;
  }

  static Stream<Vector> fixed() {
    return Vectors.list(FILE, "vectors");
  }

  static Stream<Vector> real() {
    return Vectors.list(FILE, "libxmtp_encrypted");
  }

  static Stream<Vector> negative() {
    return Vectors.list(FILE, "negative");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixed")
  void encryptsOctetForOctetLikeTheJavaScriptPackage(Vector vector) throws Exception {
    byte[] plain = plainWithoutFallback(Vectors.attachment(vector.json().get("attachment")));
    assertThat(plain).hasSize(vector.json().get("plaintext_len").asInt());

    var file =
        RemoteAttachmentCipher.encrypt(
            plain,
            Optional.empty(),
            vector.hex("secret_hex"),
            vector.hex("salt_hex"),
            vector.hex("nonce_hex"));

    assertThat(file.contentDigest()).isEqualTo(vector.json().get("content_digest").asText());
    assertThat(file.payload().length()).isEqualTo(vector.json().get("payload_len").asInt());
    vector.text("payload_hex").ifPresent(hex -> assertThat(file.payload().hex()).isEqualTo(hex));
  }

  /** The JavaScript package writes no fallback into the file. */
  private static byte[] plainWithoutFallback(Attachment attachment) {
    var out = new ContentWriter();
    attachment.write(out);
    return out.encode(attachment.type(), Optional.empty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixed")
  void derivesTheKey(Vector vector) throws Exception {
    byte[] key = RemoteAttachmentCipher.key(vector.hex("secret_hex"), vector.hex("salt_hex"));

    assertThat(HexFormat.of().formatHex(key))
        .isEqualTo(vector.json().get("derived_aes_key_hex").asText());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("real")
  void opensWhatLibxmtpEncryptedAndEncryptsTheSame(Vector vector) throws Exception {
    var attachment = Vectors.attachment(vector.json().get("attachment"));
    var remote = remote(vector.json(), vector.json().get("content_digest").asText());

    var opened = RemoteAttachmentCipher.decrypt(remote, vector.hex("payload_hex"));

    assertThat(opened).isEqualTo(attachment);
    var again =
        RemoteAttachmentCipher.encrypt(
            ContentCodec.encode(attachment),
            attachment.filename(),
            vector.hex("secret_hex"),
            vector.hex("salt_hex"),
            vector.hex("nonce_hex"));
    assertThat(again.contentDigest()).isEqualTo(remote.contentDigest());
  }

  private static RemoteAttachment remote(JsonNode json, String digest) {
    return new RemoteAttachment(
        "https://files.example/x",
        digest,
        Octets.ofHex(json.get("secret_hex").asText()),
        Octets.ofHex(json.get("salt_hex").asText()),
        Octets.ofHex(json.get("nonce_hex").asText()),
        "https",
        OptionalLong.empty(),
        Optional.of("outer.txt"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("negative")
  void refusesOrOpensAsTheVectorsSay(Vector vector) throws Exception {
    var remote = overridden(vector);
    byte[] payload = vector.hex("payload_hex");
    var result = vector.json().get("result");
    // §4: the digest is compared without regard to case; libxmtp regards it.
    boolean opens = result.has("content") || vector.name().endsWith("/digest_uppercase");

    if (!opens) {
      assertThatThrownBy(() -> RemoteAttachmentCipher.decrypt(remote, payload))
          .isInstanceOf(ContentException.class);
      return;
    }
    var opened = RemoteAttachmentCipher.decrypt(remote, payload);
    if (vector.name().endsWith("/digest_uppercase")) {
      assertThat(opened)
          .isEqualTo(Attachment.of("test.txt", "text/plain", "hello world".getBytes()));
    } else if (result.get("mimeType").asText().isEmpty()) {
      // §4: a text inside is a text; libxmtp makes it a file without name.
      byte[] text = HexFormat.of().parseHex(result.get("content").get("hex").asText());
      assertThat(opened).isEqualTo(new Text(new String(text)));
    } else {
      assertThat(opened)
          .isEqualTo(
              new Attachment(
                  Vectors.text(result, "filename"),
                  result.get("mimeType").asText(),
                  Octets.ofHex(result.get("content").get("hex").asText())));
    }
  }

  /** The keys of the first vector, with what this one changes. */
  private static RemoteAttachment overridden(Vector vector) {
    var first = fixed().findFirst().orElseThrow().json();
    var changes = vector.json().get("overrides");
    return new RemoteAttachment(
        changes.path("url").asText("https://files.example/x"),
        changes.path("contentDigest").asText(first.get("content_digest").asText()),
        Octets.ofHex(changes.at("/secret/hex").asText(first.get("secret_hex").asText())),
        Octets.ofHex(changes.at("/salt/hex").asText(first.get("salt_hex").asText())),
        Octets.ofHex(changes.at("/nonce/hex").asText(first.get("nonce_hex").asText())),
        changes.path("scheme").asText("https"),
        OptionalLong.of(changes.path("contentLength").asLong(101)),
        Optional.of(changes.path("filename").asText("test.txt")));
  }

  @Test
  void opensWhatItEncryptedAndTellsTheRecipientEverything() throws Exception {
    var file = Attachment.of("отчёт.pdf", "application/pdf", counting(5000, 0));

    var encrypted = RemoteAttachmentCipher.encrypt(file, new SecureRandom());

    var remote = encrypted.at(URI.create("https://files.example/a8f3"));
    assertThat(remote.scheme()).isEqualTo("https");
    assertThat(remote.contentLength()).hasValue(encrypted.payload().length());
    assertThat(remote.filename()).contains("отчёт.pdf");
    var received = (RemoteAttachment) ContentCodec.decode(ContentCodec.encode(remote));
    assertThat(RemoteAttachmentCipher.decrypt(received, encrypted.payload().toByteArray()))
        .isEqualTo(file);
  }

  @Test
  void takesFreshKeysForEachFile() throws Exception {
    var file = Attachment.of("a.txt", "text/plain", new byte[3]);
    var random = new SecureRandom();

    var first = RemoteAttachmentCipher.encrypt(file, random);
    var second = RemoteAttachmentCipher.encrypt(file, random);

    assertThat(first.secret()).isNotEqualTo(second.secret());
    assertThat(first.salt()).isNotEqualTo(second.salt());
    assertThat(first.nonce()).isNotEqualTo(second.nonce());
    assertThat(first.contentDigest()).isNotEqualTo(second.contentDigest());
  }

  @Test
  void refusesEachTruncationAndEachFlippedBit() {
    byte[] plain = plainWithoutFallback(Attachment.of("a.txt", "text/plain", new byte[3]));
    var whole = RemoteAttachmentCipher.encrypt(plain, Optional.empty(), SECRET, SALT, NONCE);
    byte[] payload = whole.payload().toByteArray();

    for (int length = 0; length < payload.length; length++) {
      byte[] truncated = Arrays.copyOf(payload, length);
      assertThatThrownBy(() -> RemoteAttachmentCipher.decrypt(honest(truncated), truncated))
          .isInstanceOf(ContentException.class);
    }
    for (int bit = 0; bit < 8 * payload.length; bit++) {
      byte[] flipped = payload.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> RemoteAttachmentCipher.decrypt(honest(flipped), flipped))
          .isInstanceOf(ContentException.class);
    }
  }

  /** A description whose digest fits the payload, so that only the tag can tell. */
  private static RemoteAttachment honest(byte[] payload) {
    return new RemoteAttachment(
        "https://files.example/x",
        HexFormat.of().formatHex(MessageId.sha256().digest(payload)),
        Octets.of(SECRET),
        Octets.of(SALT),
        Octets.of(NONCE),
        "https",
        OptionalLong.empty(),
        Optional.empty());
  }

  private static Content sealedAndOpened(byte[] plain) throws ContentException {
    var file = RemoteAttachmentCipher.encrypt(plain, Optional.empty(), SECRET, SALT, NONCE);
    return RemoteAttachmentCipher.decrypt(
        file.at(URI.create("https://files.example/x")), file.payload().toByteArray());
  }

  @Test
  void refusesARemoteAttachmentInsideARemoteAttachment() throws Exception {
    byte[] remote = ContentCodec.encode(honest(new byte[20]));
    byte[] several = ContentCodec.encode(new MultiRemoteAttachment(java.util.List.of()));

    assertThatThrownBy(() -> sealedAndOpened(remote)).isInstanceOf(ContentException.class);
    assertThatThrownBy(() -> sealedAndOpened(several)).isInstanceOf(ContentException.class);
  }

  @Test
  void handsOutOtherContentAsAnUnnamedFile() throws Exception {
    var reply = new Reply("", Optional.empty(), new Text("hi"));

    var opened = sealedAndOpened(ContentCodec.encode(reply));

    assertThat(opened)
        .isEqualTo(
            new Attachment(
                Optional.empty(),
                "application/octet-stream",
                Octets.of(ContentCodec.encode(new Text("hi")))));
  }

  @Test
  void keepsMarkdownInsideAsMarkdown() throws Exception {
    var markdown = new Markdown("**b**");

    assertThat(sealedAndOpened(ContentCodec.encode(markdown))).isEqualTo(markdown);
  }

  @Test
  void refusesToEncryptAFileWithoutName() {
    var unnamed = new Attachment(Optional.of(""), "text/plain", Octets.NONE);

    assertThatThrownBy(() -> RemoteAttachmentCipher.encrypt(unnamed, new SecureRandom()))
        .isInstanceOf(ContentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://files.example/x", "ftp://files.example/x", "https:x", "/x"})
  void servesOverHttpsOnly(String url) throws Exception {
    var file = Attachment.of("a.txt", "text/plain", new byte[3]);
    var encrypted = RemoteAttachmentCipher.encrypt(file, new SecureRandom());

    assertThatThrownBy(() -> encrypted.at(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void doesNotPrintKeysOrAddresses() throws Exception {
    var file = Attachment.of("a.txt", "text/plain", new byte[3]);

    var encrypted = RemoteAttachmentCipher.encrypt(file, new SecureRandom());
    var remote = encrypted.at(URI.create("https://files.example/secretpath"));

    assertThat(encrypted.toString() + remote)
        .doesNotContain("secretpath")
        .doesNotContain(encrypted.secret().hex());
  }
}
