package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Suites;
import io.postern.mail.auth.DkimResult.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signed mails that others have collected, with the keys that verify them. */
class DkimSuitesTest {
  private static final String MAIL_DKIM =
      "main/src/test/resources/org/apache/james/jdkim/Mail-DKIM";

  private static byte[] mail(Path file) throws Exception {
    return Mails.octets(Files.readString(file, StandardCharsets.ISO_8859_1));
  }

  private static String p(Path pem) throws Exception {
    return Files.readString(pem).replaceAll("-----[A-Z ]+-----|\\s", "");
  }

  private static KeyZone mailDkimZone(Path folder) throws Exception {
    var zone = new KeyZone();
    for (var line : Files.readAllLines(folder.resolve("FAKE_DNS.dat"))) {
      var parts = line.strip().split("\\s+", 2);
      if (line.startsWith("#") || parts.length < 2 || parts[1].equals("NXDOMAIN")) {
        continue;
      }
      if (parts[1].startsWith("~~")) {
        zone.silentAt(parts[0]);
      } else {
        zone.with(parts[0], parts[1]);
      }
    }
    return zone;
  }

  /**
   * All keys of the corpus but two have 512 bits, most signatures are rsa-sha1 or of drafts before
   * RFC 4871: nothing of it may pass today, and each refusal must have its reason.
   */
  @Test
  void refusesTheOldMailDkimCorpusWithAReason() throws Exception {
    var folder = Suites.folder("dkim-mail-dkim").resolve(MAIL_DKIM);
    var zone = mailDkimZone(folder);
    int signed = 0;
    int mails = 0;
    var passed = new ArrayList<String>();
    try (var files = Files.list(folder.resolve("corpus"))) {
      for (var file : files.sorted().toList()) {
        mails++;
        for (var result : Mails.verify(mail(file), zone)) {
          signed++;
          assertThat(result.reason()).isNotBlank();
          if (result.passed()) {
            passed.add(file.getFileName().toString());
          }
        }
      }
    }

    System.out.printf(
        "mail-dkim: %d mails, %d signatures, %d accepted%n", mails, signed, passed.size());
    assertThat(mails).isGreaterThan(60);
    assertThat(signed).isGreaterThan(50);
    assertThat(passed).isEmpty();
  }

  @Test
  void saysOfTheBadKeysOfMailDkimWhatIsWrong() throws Exception {
    var folder = Suites.folder("dkim-mail-dkim").resolve(MAIL_DKIM);
    var zone = mailDkimZone(folder);
    int unusable = 0;
    try (var files = Files.list(folder.resolve("corpus"))) {
      for (var file : files.filter(f -> f.toString().contains("badkey_")).sorted().toList()) {
        var modern = new String(mail(file), StandardCharsets.ISO_8859_1);
        modern = modern.replaceFirst("v=0.5", "v=1").replaceFirst("rsa-sha1", "rsa-sha256");
        for (var result : Mails.verify(modern.getBytes(StandardCharsets.ISO_8859_1), zone)) {
          unusable += result.passed() ? 0 : 1;
        }
      }
    }

    assertThat(unusable).isEqualTo(15);
  }

  @Test
  void verifiesWhatGmailSignedInTheMimeKitSamples() throws Exception {
    var folder = Suites.folder("mimekit-dkim").resolve("UnitTests/TestData/dkim");
    var zone =
        new KeyZone()
            .with("20120113._domainkey.gmail.com", "k=rsa; p=" + p(folder.resolve("gmail.pub")))
            .with(
                "brisbane._domainkey.football.example.com",
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
            .with("test._domainkey.football.example.com", DkimTest.RFC_8463_RSA);
    int passed = 0;
    var expected = List.of("gmail.msg", "related.msg", "multipart-no-end-boundary.msg");
    for (var name : expected) {
      var results = Mails.verify(mail(folder.resolve(name)), zone);
      assertThat(results).as(name).isNotEmpty().allMatch(DkimResult::passed);
      passed += results.size();
    }
    var sample = Mails.verify(mail(folder.resolve("rfc8463-example.msg")), zone);
    passed += (int) sample.stream().filter(DkimResult::passed).count();

    System.out.printf("mimekit-dkim: %d of 5 signatures verify%n", passed);
    assertThat(passed).isEqualTo(5);
  }

  @Test
  void signsWithTheKeysOfMailauth() throws Exception {
    var folder = Suites.folder("mailauth").resolve("test/fixtures");
    var signatures = new ArrayList<DkimSigner.Signature>();
    var zone = new KeyZone();
    for (var kind : List.of("rsa", "ed25519")) {
      var key = SigningKey.read(Files.readAllBytes(folder.resolve("private-" + kind + ".pem")));
      signatures.add(new DkimSigner.Signature("example.org", kind, key));
      zone.with(kind + "._domainkey.example.org", key.record());
      var published = p(folder.resolve("public-" + kind + ".pem"));
      assertThat(published).endsWith(key.record().replaceFirst(".* p=", "").substring(4));
    }
    var signer = new DkimSigner(signatures);
    int passed = 0;
    int signed = 0;
    try (var files = Files.list(folder)) {
      for (var file : files.filter(f -> f.toString().endsWith(".eml")).sorted().toList()) {
        var text = new String(mail(file), StandardCharsets.ISO_8859_1);
        text = "From: a@example.org\r\n" + text.replaceAll("(?im)^(From|DKIM-Signature):", "X-$1:");
        var mail = signer.sign(text.getBytes(StandardCharsets.ISO_8859_1), Mails.NOW);
        for (var result : Mails.verify(mail, zone)) {
          signed++;
          passed += result.passed() ? 1 : 0;
        }
      }
    }

    System.out.printf("mailauth: %d of %d signatures verify%n", passed, signed);
    assertThat(signed).isGreaterThanOrEqualTo(24);
    assertThat(passed).isEqualTo(signed);
  }

  @Test
  void readsTheChainsOfMailauthWithoutTheirKeys() throws Exception {
    var folder = Suites.folder("mailauth").resolve("test/fixtures");
    for (var name : List.of("arc-pass.eml", "arc-fail.eml", "arc-fail3.eml")) {
      var result = Arc.validate(Mails.read(mail(folder.resolve(name))), new KeyZone(), Mails.NOW);

      assertThat(result.status()).as(name).isEqualTo(ArcResult.Status.FAIL);
      assertThat(result.temporary()).isFalse();
    }
    assertThat(Result.PASS).hasToString("pass");
  }
}
