package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.interop.MailServer;
import io.postern.interop.OpenDkim;
import io.postern.interop.Postfix;
import io.postern.interop.Servers;
import io.postern.interop.TestAuthority;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Dkim;
import io.postern.mail.auth.DkimResult;
import io.postern.mail.auth.DkimSigner;
import io.postern.mail.auth.SignedMail;
import io.postern.mail.auth.SigningKey;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** OpenDKIM verifies what we sign, and we what it signs. */
class OpenDkimInteropIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Mailbox BOB = new Mailbox("bob", MailServer.DOMAIN);

  /** Folded and encoded fields, a line that ends in blanks, empty lines at the end. */
  private static final String MAIL =
      String.join(
          "\r\n",
          "From: =?utf-8?q?J=C3=BCrgen?= <0xaa@bridge.example>",
          "To: Bob <bob@example.org>,",
          "\t\"Carol, too\" <carol@example.org>",
          "Subject: Lunch  and",
          "  dinner",
          "Date: Sun, 29 Nov 2026 12:00:00 +0000",
          "Message-ID: <x-1@bridge.example>",
          "MIME-Version: 1.0",
          "Content-Type: text/plain; charset=utf-8",
          "Content-Transfer-Encoding: quoted-printable",
          "",
          "Shall we  meet at noon?  ",
          ".",
          "Gr=C3=BC=C3=9Fe",
          "",
          "",
          "");

  @TempDir Path folder;
  @RegisterExtension final Servers servers = new Servers();
  private SigningKey rsa;
  private SigningKey ed25519;

  @BeforeEach
  void makeKeys() throws Exception {
    rsa = TestKey.write(folder.resolve("rsa.pem"));
    ed25519 = TestKey.write(folder.resolve("ed25519.pem"), "Ed25519");
  }

  private String signed() {
    var signer =
        new DkimSigner(
            List.of(
                new DkimSigner.Signature("bridge.example", "rsa", rsa),
                new DkimSigner.Signature("bridge.example", "ed", ed25519)));
    return text(signer.sign(octets(MAIL), Instant.now()));
  }

  private List<String> openDkimSays(String mail) throws Exception {
    return OpenDkim.verify(
        octets(mail),
        Map.of(
            "rsa._domainkey.bridge.example",
            rsa.record(),
            "ed._domainkey.bridge.example",
            ed25519.record()));
  }

  private static byte[] octets(String mail) {
    return mail.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  @Test
  void verifiesBothOurSignatures() throws Exception {
    var says = openDkimSays(signed());

    assertThat(says).hasSize(2).allMatch(result -> result.startsWith("dkim=pass"));
    assertThat(says.get(0)).contains("2048-bit key", "header.a=rsa-sha256");
    assertThat(says.get(1)).contains("header.a=ed25519-sha256");
  }

  @Test
  void refusesOurMailWithOneChangedWordOrASecondFrom() throws Exception {
    var body = openDkimSays(signed().replace("noon", "nine"));
    var author = openDkimSays("From: Mallory <mallory@example.net>\r\n" + signed());

    assertThat(body).hasSize(2).allMatch(result -> result.startsWith("dkim=fail"));
    assertThat(author).hasSize(2).allMatch(result -> result.startsWith("dkim=fail"));
  }

  @Test
  void weVerifyWhatItSignsAndRefuseWhatWasChangedSince() throws Exception {
    var mail = signedByOpenDkim();

    assertThat(verified(mail)).isEqualTo(DkimResult.Result.PASS);
    assertThat(verified(mail.replace("noon", "nine"))).isEqualTo(DkimResult.Result.FAIL);
    assertThat(verified(mail.replace("Subject: Lunch", "Subject: Debt")))
        .isEqualTo(DkimResult.Result.FAIL);
  }

  /** As Postfix delivers what its milter has signed. */
  private String signedByOpenDkim() throws Exception {
    var milter = servers.add(OpenDkim.sign(MailServer.DOMAIN, "rsa", folder.resolve("rsa.pem")));
    var authority = TestAuthority.in(folder.resolve("authority"), "Test Authority");
    var postfix =
        servers.add(
            Postfix.start(authority, List.of(), "smtpd_milters = inet:127.0.0.1:" + milter.port()));
    var taken =
        TestBridge.mail(
            postfix.port(),
            BOB,
            BOB,
            "From: Bob <bob@example.org>",
            "To: Bob <bob@example.org>",
            "Subject: Lunch",
            "Date: Sun, 29 Nov 2026 12:00:00 +0000",
            "Message-ID: <m1@example.org>",
            "",
            "Shall we meet at noon?");
    assertThat(taken).isInstanceOf(Delivery.Delivered.class);
    await().atMost(PATIENCE).until(() -> !postfix.mails(MailServer.User.BOB).isEmpty());
    return text(postfix.mails(MailServer.User.BOB).get(0));
  }

  private DkimResult.Result verified(String mail) throws Exception {
    var dns = new TestDns().txt("rsa._domainkey." + MailServer.DOMAIN, rsa.record());
    var signed = SignedMail.read(new ByteArrayInputStream(octets(mail)));
    var results = Dkim.verify(signed, dns, Instant.now());
    assertThat(results).hasSize(1);
    return results.get(0).result();
  }
}
