package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DkimSignerTest {
  private static final SigningKey RSA = Mails.rsa();
  private static final SigningKey ED25519 = Mails.ed25519();
  private static final List<DkimSigner.Signature> BOTH =
      List.of(
          new DkimSigner.Signature("bridge.example", "ed1", ED25519),
          new DkimSigner.Signature("bridge.example", "rsa1", RSA));
  private static final KeyZone ZONE =
      new KeyZone()
          .with("ed1._domainkey.bridge.example", ED25519.record())
          .with("rsa1._domainkey.bridge.example", RSA.record());

  private static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /** Headers and bodies made of what canonicalization looks at. */
  private static byte[] anyMail(SplittableRandom random) {
    var header = new StringBuilder("From:  a@bridge.example \r\n");
    var names = List.of("Subject", "To", "X-Other", "subject", "Cc", "References");
    for (int n = random.nextInt(8); n > 0; n--) {
      header.append(names.get(random.nextInt(names.size())));
      header.append(random.nextBoolean() ? ":" : " :").append(any(random, "a \t\u00e9:;=", 20));
      for (int f = random.nextInt(3); f > 0; f--) {
        header.append("\r\n").append(random.nextBoolean() ? " " : "\t\t");
        header.append(any(random, "b \t;=", 10));
      }
      header.append("\r\n");
    }
    if (random.nextInt(10) > 0) {
      header.append("\r\n");
      for (int n = random.nextInt(12); n > 0; n--) {
        header.append(any(random, "x \t.\u00ff", random.nextInt(12)));
        header.append(random.nextInt(6) > 0 ? "\r\n" : "");
      }
    }
    return header.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String any(SplittableRandom random, String of, int length) {
    var out = new StringBuilder();
    for (int i = 0; i < length; i++) {
      out.append(of.charAt(random.nextInt(of.length())));
    }
    return out.toString();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void signsWhatVerifies(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var forms = Canonicalization.values();
    var signer = new DkimSigner(BOTH, forms[random.nextInt(2)], forms[random.nextInt(2)]);
    var mail = anyMail(random);

    var signed = signer.sign(mail, Mails.NOW);

    assertThat(Mails.verify(signed, ZONE)).hasSize(2).allMatch(DkimResult::passed);
    assertThat(signed).endsWith(mail);
  }

  @Test
  void relaxedSignaturesSurviveWhatServersDoToSpace() throws Exception {
    var mail =
        Mails.octets("From: a@bridge.example\nSubject: one two\nTo: b@mail.example\n\nHi  you\n");
    var signed = new String(new DkimSigner(BOTH).sign(mail, Mails.NOW), StandardCharsets.UTF_8);

    var relayed =
        signed
            .replace("Subject: one two", "SUBJECT:\tone \r\n \t two ")
            .replace("Hi  you\r\n", "Hi \t you  \r\n\r\n \r\n");

    assertThat(relayed).isNotEqualTo(signed);
    assertThat(Mails.verify(relayed.getBytes(StandardCharsets.UTF_8), ZONE))
        .allMatch(DkimResult::passed);
  }

  @Test
  void foldsItsFieldsAndEndsEachLineWithCrLf() {
    var references = "References: " + "<x@y.example> ".repeat(40) + "\n";
    var mail = Mails.octets("From: a@bridge.example\n" + references + "\nHi\n");
    var signed = new String(new DkimSigner(BOTH).sign(mail, Mails.NOW), StandardCharsets.UTF_8);

    var fields = signed.substring(0, signed.indexOf("From: "));

    assertThat(fields).startsWith("DKIM-Signature: v=1; a=ed25519-sha256;").endsWith("\r\n");
    assertThat(fields.split("\r\n")).allMatch(line -> line.length() <= 78);
    assertThat(fields.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
    assertThat(fields).contains("h=From:From:").contains("References:\r\n".substring(0, 11));
  }

  @Test
  void signsInTheNameOfItsDomainOnly() {
    var mail = Mails.octets("From: a@other.example\n\nHi\n");

    assertThat(new DkimSigner(BOTH).sign(mail, Mails.NOW)).isEqualTo(mail);
    assertThatThrownBy(() -> new DkimSigner(BOTH).sign(Mails.octets("To: a@b.c\n\n"), Mails.NOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void printsNothingOfAKey() {
    assertThat(RSA).hasToString("SigningKey[rsa-sha256]");
    assertThat(BOTH.get(0).toString()).contains("SigningKey[ed25519-sha256]");
  }

  @Test
  void readsWhatOpensslWritesAsPkcs1() throws Exception {
    var pkcs8 = Mails.pem("RSA", 1024);
    var der =
        java.util.Base64.getMimeDecoder()
            .decode(
                new String(pkcs8, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----", ""));
    // PKCS#8 of 1024 bits: 26 octets stand before the key of PKCS#1.
    var pkcs1 = java.util.Arrays.copyOfRange(der, 26, der.length);
    var pem =
        "-----BEGIN RSA PRIVATE KEY-----\n"
            + java.util.Base64.getMimeEncoder().encodeToString(pkcs1)
            + "\n-----END RSA PRIVATE KEY-----\n";

    var key = SigningKey.read(pem.getBytes(StandardCharsets.US_ASCII));

    assertThat(key.record()).isEqualTo(Mails.key(pkcs8).record()).startsWith("v=DKIM1; k=rsa; p=");
  }

  @Test
  void refusesWhatIsNoKeyWithoutSayingWhatItIs() {
    var random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      var pem = i < 100 ? Mails.pem("Ed25519", 0) : new byte[300];
      if (i < 100) {
        pem = java.util.Arrays.copyOf(pem, random.nextInt(pem.length - 30));
      } else {
        random.nextBytes(pem);
      }
      var octets = pem;
      assertThatThrownBy(() -> SigningKey.read(octets)).isInstanceOf(InvalidKeyException.class);
    }
    for (var text :
        List.of(
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")) {
      assertThatThrownBy(() -> SigningKey.read(text.getBytes(StandardCharsets.US_ASCII)))
          .isInstanceOf(InvalidKeyException.class)
          .hasMessageNotContaining("AAAA");
    }
    assertThatThrownBy(() -> SigningKey.read(Mails.pem("RSA", 512)))
        .hasMessageContaining("512 bits");
  }
}
