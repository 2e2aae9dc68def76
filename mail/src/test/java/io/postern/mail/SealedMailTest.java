package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.CMSSignedDataStreamGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKEKRecipientInfoGenerator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mail that is signed or encrypted. RFC 1847, 3156, 8551, 9580. */
class SealedMailTest {
  private static final byte[] ENTITY =
      String.join(
              "\r\n",
              "Content-Type: multipart/mixed; boundary=i",
              "",
              "--i",
              "Content-Type: text/plain; charset=utf-8",
              "",
              "Grüße, signed",
              "--i",
              "Content-Type: application/pdf; name=a.pdf",
              "",
              "PDF",
              "--i--",
              "")
          .getBytes(UTF_8);

  private static byte[] signed;
  private static byte[] streamed;
  private static byte[] enveloped;

  @BeforeAll
  static void sealsTheEntity() throws Exception {
    var keys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    var name = new X500Name("CN=bob");
    var signer = new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate());
    var certificate =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(Instant.EPOCH),
                Date.from(Instant.EPOCH.plusSeconds(1)),
                name,
                keys.getPublic())
            .build(signer);
    var generator = new CMSSignedDataGenerator();
    var info =
        new JcaSimpleSignerInfoGeneratorBuilder()
            .build("SHA256withRSA", keys.getPrivate(), certificate);
    generator.addSignerInfoGenerator(info);
    generator.addCertificates(new JcaCertStore(List.of(certificate)));
    signed = generator.generate(new CMSProcessableByteArray(ENTITY), true).getEncoded("DER");

    var streams = new CMSSignedDataStreamGenerator();
    streams.setBufferSize(64);
    streams.addSignerInfoGenerator(info);
    var out = new ByteArrayOutputStream();
    try (var in = streams.open(out, true)) {
      in.write(ENTITY);
    }
    streamed = out.toByteArray();

    var envelope = new CMSEnvelopedDataGenerator();
    var key = new javax.crypto.spec.SecretKeySpec(new byte[16], "AES");
    envelope.addRecipientInfoGenerator(new JceKEKRecipientInfoGenerator(new byte[1], key));
    enveloped =
        envelope
            .generate(
                new CMSProcessableByteArray(ENTITY),
                new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES128_CBC).build())
            .getEncoded();
  }

  private static Mail smime(byte[] octets, String type) throws MailException {
    var lines =
        "Content-Type: "
            + type
            + "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Base64.getMimeEncoder().encodeToString(octets);
    return MailReader.read(lines.getBytes(UTF_8));
  }

  private static Mail read(String... lines) throws MailException {
    return MailReader.read(String.join("\r\n", lines).getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        "application/x-pkcs7-mime; name=smime.p7m",
        "application/octet-stream; name=smime.p7m",
        "application/pkcs7-mime; smime-type=enveloped-data"
      })
  void unwrapsWhatIsOnlySigned(String type) throws Exception {
    for (var octets : List.of(signed, streamed)) {
      var mail = smime(octets, type);

      assertThat(ReadableMail.of(mail).text()).isEqualTo("Grüße, signed");
      assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("a.pdf");
      assertThat(mail.encryption()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        "application/pkcs7-mime; name=smime.p7m",
        "application/octet-stream; name=smime.p7m",
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"
      })
  void namesWhatIsEncryptedAndGivesItAsAFile(String type) throws Exception {
    var mail = smime(enveloped, type);

    assertThat(ReadableMail.of(mail).text())
        .isEqualTo("🔒 This message is encrypted with S/MIME and cannot be read here.");
    assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("smime.p7m");
    assertThat(mail.attachments().get(0).octets()).isEqualTo(enveloped);
  }

  @Test
  void namesWhatIsEncryptedAlsoWhereItIsTooLargeToLookInto() throws Exception {
    var octets = new byte[Unpacking.MAX_OCTETS + 1];

    var encrypted =
        smime(octets, "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m");
    var signed = smime(octets, "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m");

    assertThat(encrypted.encryption()).isEqualTo("S/MIME");
    assertThat(signed.encryption()).isEmpty();
    assertThat(encrypted.attachments())
        .extracting(Attachment::filename)
        .containsExactly("smime.p7m");
  }

  @Test
  void unwrapsWhatIsSignedInsideWhatIsSignedButNotForEver() throws Exception {
    var wrapped = ENTITY;
    for (int i = 0; i < 3; i++) {
      wrapped = wrap(wrapped);
    }
    var three = MailReader.read(wrapped);
    for (int i = 0; i < 20; i++) {
      wrapped = wrap(wrapped);
    }
    var many = MailReader.read(wrapped);

    assertThat(ReadableMail.of(three).text()).isEqualTo("Grüße, signed");
    assertThat(many.bodies()).isEmpty();
    assertThat(many.attachments()).hasSize(1);
  }

  @Test
  void countsThePartsOfAllThatIsSignedAsPartsOfTheMail() throws Exception {
    var inner = new StringBuilder("Content-Type: multipart/mixed; boundary=i\r\n");
    for (int i = 0; i < 200; i++) {
      inner.append("\r\n--i\r\nContent-Type: application/pdf\r\n\r\nPDF");
    }
    var sealed = new String(wrap(inner.append("\r\n--i--\r\n").toString().getBytes(UTF_8)), UTF_8);
    var lines = "Content-Type: multipart/mixed; boundary=b\r\n";

    var mail =
        MailReader.read(
            (lines + ("\r\n--b\r\n" + sealed).repeat(4) + "\r\n--b--\r\n").getBytes(UTF_8));

    assertThat(mail.attachments())
        .hasSize(2 * 200 + 2)
        .filteredOn(file -> file.filename().equals("smime.p7m"))
        .hasSize(2);
  }

  @Test
  void givesACalendarOnceHoweverOftenItStands() throws Exception {
    var calendar =
        "\r\n--b\r\nContent-Type: text/calendar; name=c.ics\r\n\r\nBEGIN:" + "x".repeat(50_000);
    var other = "\r\n--b\r\nContent-Type: text/calendar; name=d.ics\r\n\r\nBEGIN:y";
    var lines = "Content-Type: multipart/mixed; boundary=b\r\n";

    var mail = read(lines + calendar.repeat(450) + other + "\r\n--b--");

    assertThat(mail.attachments())
        .extracting(Attachment::filename)
        .containsExactly("c.ics", "d.ics");
  }

  @Test
  void unwrapsNoMoreThanOneMailMayUnpack() throws Exception {
    var large = ("Content-Type: application/pdf\r\n\r\n" + "x".repeat(10 << 20)).getBytes(UTF_8);

    var mail = MailReader.read(wrap(wrap(wrap(large))));

    assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("smime.p7m");
    assertThat(mail.attachments().get(0).size()).isGreaterThan(large.length);
  }

  /** RFC 5652 §5 around an entity, without signers: nobody looks at them. */
  private static byte[] wrap(byte[] entity) {
    var oidOfData = new byte[] {6, 9, 42, (byte) 134, 72, (byte) 134, (byte) 247, 13, 1, 7, 1};
    var oidOfSigned = oidOfData.clone();
    oidOfSigned[10] = 2;
    var capsule = der(0x30, oidOfData, der(0xa0, der(4, entity)));
    var cms =
        der(
            0x30,
            oidOfSigned,
            der(0xa0, der(0x30, der(2, new byte[] {1}), der(0x31), capsule, der(0x31))));
    return ("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n"
            + Base64.getMimeEncoder().encodeToString(cms))
        .getBytes(UTF_8);
  }

  private static byte[] der(int tag, byte[]... contents) {
    var content = new ByteArrayOutputStream();
    Arrays.stream(contents).forEach(content::writeBytes);
    var out = new ByteArrayOutputStream();
    out.write(tag);
    out.write(0x84);
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write(content.size() >> shift);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  @Test
  void keepsTheFileWhereverItIsCutOrChanged() throws Exception {
    var random = new SplittableRandom(11);
    for (var whole : List.of(signed, streamed)) {
      for (int length = 1; length < whole.length; length += 3) {
        var cut = Arrays.copyOf(whole, length);
        var mail = smime(cut, "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m");
        boolean kept = mail.attachments().get(0).filename().equals("smime.p7m");
        assertThat(kept || ReadableMail.of(mail).text().equals("Grüße, signed")).isTrue();
      }
      for (int i = 0; i < 5000; i++) {
        var damaged = whole.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
          damaged[random.nextInt(200)] = (byte) random.nextInt(256);
        }
        var content = Cms.signedContent(damaged);
        assertThat(content.map(octets -> octets.length).orElse(0)).isLessThan(damaged.length);
      }
    }
  }

  @Test
  void endsWhereValuesAreNestedWithoutEnd() {
    var deep = new byte[1_000_000];
    for (int i = 0; i < deep.length; i += 2) {
      deep[i] = 0x30;
      deep[i + 1] = (byte) 0x80;
    }

    assertThat(Cms.isSigned(deep)).isFalse();
    assertThat(Cms.signedContent(deep)).isEmpty();
  }

  @Test
  void dropsTheSignatureOfWhatIsSignedBesideIt() throws Exception {
    for (var type : List.of("application/pgp-signature", "application/x-own-signature")) {
      var mail =
          read(
              "Content-Type: multipart/signed; protocol=\"" + type + "\"; boundary=b",
              "",
              "--b",
              "",
              "words",
              "--b",
              "Content-Type: " + type + "; name=signature.asc",
              "",
              "abc",
              "--b--");

      assertThat(ReadableMail.of(mail).text()).isEqualTo("words");
      assertThat(mail.attachments()).isEmpty();
    }
  }

  @Test
  void givesTheEncryptedPartOfPgpMimeAsAFile() throws Exception {
    for (var type :
        List.of("multipart/encrypted; protocol=\"application/pgp-encrypted\"", "multipart/mixed")) {
      var mail =
          read(
              "Content-Type: " + type + "; boundary=b",
              "",
              "--b",
              "Content-Type: application/pgp-encrypted",
              "",
              "Version: 1",
              "--b",
              "Content-Type: application/octet-stream; name=encrypted.asc",
              "",
              "-----BEGIN PGP MESSAGE-----",
              "--b--");

      assertThat(ReadableMail.of(mail).text())
          .isEqualTo("🔒 This message is encrypted with OpenPGP and cannot be read here.");
      assertThat(mail.attachments())
          .extracting(Attachment::filename)
          .containsExactly("encrypted.asc");
    }
  }

  @Test
  void keepsTheWordsAroundWhatIsEncrypted() throws Exception {
    var mail =
        read(
            "Content-Type: text/plain",
            "",
            "see below",
            "-----BEGIN PGP MESSAGE-----",
            "",
            "abc",
            "-----END PGP MESSAGE-----",
            "after it");

    assertThat(ReadableMail.of(mail).text())
        .startsWith("🔒 This message is encrypted with OpenPGP")
        .contains("see below")
        .contains("after it")
        .doesNotContain("abc");
    assertThat(new String(mail.attachments().get(0).octets(), UTF_8))
        .isEqualTo("-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----");
  }

  @Test
  void leavesAMentionOfArmourAlone() throws Exception {
    var text = "It begins with -----BEGIN PGP MESSAGE----- I think\n> -----BEGIN PGP MESSAGE-----";

    var mail = read("Content-Type: text/plain", "", text.replace("\n", "\r\n"));

    assertThat(mail.encryption()).isEmpty();
    assertThat(ReadableMail.of(mail).text()).isEqualTo(text);
  }

  @Test
  void takesTheArmourOffSignedWordsAndKeepsThoseAroundThem() throws Exception {
    var mail =
        read(
            "Content-Type: text/plain",
            "",
            "before",
            "-----BEGIN PGP SIGNED MESSAGE-----",
            "Hash: SHA256",
            "",
            "- -----BEGIN x-----",
            "said",
            "-----BEGIN PGP SIGNATURE-----",
            "",
            "abc",
            "-----END PGP SIGNATURE-----",
            "after");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("before\n-----BEGIN x-----\nsaid\nafter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/pkcs7-mime", "application/octet-stream"})
  void readsASealedFileOnce(String type) throws Exception {
    var nothing = new byte[10_000];
    for (var octets : List.of(signed, enveloped, nothing)) {
      var read = new AtomicLong();
      var mail =
          ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
                  + type
                  + "; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                  + Base64.getMimeEncoder().encodeToString(octets)
                  + "\r\n--b--\r\n")
              .getBytes(UTF_8);

      MailReader.structure(new ByteArrayInputStream(mail), mail.length, CountedBody.store(read))
          .mail();

      // Beside it only the beginning, by which other formats are known.
      assertThat(read.get()).isBetween((long) octets.length, octets.length + 10L);
    }
  }
}
