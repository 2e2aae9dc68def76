package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.MailException;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.DkimResult.Result;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DkimTest {
  /** The RSA key record of RFC 8463, appendix A.2. */
  static final String RFC_8463_RSA =
      "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
          + "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
          + "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
          + "Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

  private static final String MAIL =
      """
      From: Bob <bob@mail.example>
      To: Alice <alice@bridge.example>, carol@bridge.example
      Cc: dave@bridge.example
      Subject: Lunch
      Date: Wed, 25 Nov 2026 11:00:00 +0000
      Message-ID: <1@mail.example>

      At noon?

      """;

  private static final SigningKey KEY = Mails.ed25519();
  private static final String NAME = "s1._domainkey.mail.example";

  private static byte[] signed(String mail) {
    return new DkimSigner(List.of(new DkimSigner.Signature("mail.example", "s1", KEY)))
        .sign(Mails.octets(mail), Mails.NOW);
  }

  private static KeyZone zone() {
    return new KeyZone().with(NAME, KEY.record());
  }

  private static byte[] changed(byte[] mail, String from, String to) {
    var text = new String(mail, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static DkimResult only(byte[] mail, Dns dns) throws MailException {
    var results = Mails.verify(mail, dns);
    assertThat(results).hasSize(1);
    return results.get(0);
  }

  /** A signature over MAIL whose tags a test has changed, made anew by the same key. */
  private static byte[] signedWith(String tags) throws Exception {
    return signedWith(tags, MAIL, KEY);
  }

  private static byte[] signedWith(String tags, String mail, SigningKey key) throws Exception {
    var octets = Mails.octets(mail);
    var read = SignedMail.read(new ByteArrayInputStream(octets), Canonicalization.SIMPLE);
    var bh = Base64.getEncoder().encodeToString(read.bodyHash(Canonicalization.SIMPLE));
    var text = "DKIM-Signature: " + tags.replace("BH", bh) + "; b=";
    var parsed = TagList.parse(tags);
    var names = parsed.flatMap(found -> found.get("h")).orElse("from").split(":");
    var data = new StringBuilder();
    for (var field : read.covered(List.of(names))) {
      data.append(field.text()).append("\r\n");
    }
    data.append(text);
    var b = Base64.getEncoder().encodeToString(key.sign(Mails.octets(data.toString())));
    return (text + b + "\r\n" + new String(octets, StandardCharsets.ISO_8859_1))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static final String TAGS =
      "v=1; a=ed25519-sha256; d=mail.example; s=s1; h=from:to; bh=BH";

  @Test
  void verifiesTheSampleOfRfc8463() throws Exception {
    var mail =
        """
        DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :
         subject : date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
         d=football.example.com; i=@football.example.com;
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :
         date : message-id : from : subject : date;
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
         b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
         DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
         dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
        From: Joe SixPack <joe@football.example.com>
        To: Suzie Q <suzie@shopping.example.net>
        Subject: Is dinner ready?
        Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
        Message-ID: <20030712040037.46341.5F8J@football.example.com>

        Hi.

        We lost the game.  Are you hungry yet?

        Joe.
        """;
    var zone =
        new KeyZone()
            .with(
                "brisbane._domainkey.football.example.com",
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
            .with("test._domainkey.football.example.com", RFC_8463_RSA);

    var results = Mails.verify(Mails.octets(mail), zone);

    assertThat(results).extracting(DkimResult::result).containsExactly(Result.PASS, Result.PASS);
    assertThat(results.get(0).algorithm()).isEqualTo("ed25519-sha256");
    assertThat(results.get(1).selector()).isEqualTo("test");
  }

  @Test
  void saysWhoSignedWhat() throws Exception {
    var result = only(signed(MAIL), zone());

    assertThat(result.result()).isEqualTo(Result.PASS);
    assertThat(result.domain()).isEqualTo("mail.example");
    assertThat(result.identity()).isEqualTo("@mail.example");
    assertThat(result.signedFields()).contains("from", "to", "cc", "subject");
    assertThat(result.signature()).isNotEmpty();
    assertThat(result.names(new Mailbox("Alice", "bridge.example"))).isTrue();
    assertThat(result.names(new Mailbox("dave", "bridge.example"))).isTrue();
    assertThat(result.names(new Mailbox("eve", "bridge.example"))).isFalse();
  }

  @Test
  void namesOnlyRecipientsWhomTheSignatureCovers() throws Exception {
    var result = only(signedWith(TAGS), zone());

    assertThat(result.passed()).isTrue();
    assertThat(result.names(new Mailbox("alice", "bridge.example"))).isTrue();
    assertThat(result.names(new Mailbox("dave", "bridge.example"))).isFalse();

    var added = only(changed(signedWith(TAGS), "From:", "To: eve@bridge.example\r\nFrom:"), zone());
    assertThat(added.passed()).isTrue();
    assertThat(added.names(new Mailbox("eve", "bridge.example"))).isFalse();
  }

  @Test
  void findsNothingInAMailWithoutSignature() throws Exception {
    var zone = zone();

    assertThat(Mails.verify(Mails.octets(MAIL), zone)).isEmpty();
    assertThat(Mails.verify(new byte[0], zone)).isEmpty();
    assertThat(zone.questions()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "At noon?, At night?",
    "Subject: Lunch, Subject: Dinner",
    "From: Bob, From: Rob",
    "Subject: Lunch, 'Subject: Lunch\r\nSubject: Dinner'",
    "Subject: Lunch, 'Subject: Lunch\r\nReply-To: eve@evil.example'",
    "Subject: Lunch, 'Subject: Lunch\r\nContent-Type: text/html'"
  })
  void failsIfWhatIsSignedHasChanged(String from, String to) throws Exception {
    assertThat(only(changed(signed(MAIL), from, to), zone()).result()).isEqualTo(Result.FAIL);
  }

  @Test
  void asksForNoKeyIfTheBodyHasChanged() throws Exception {
    var zone = zone();

    only(changed(signed(MAIL), "At noon?", "At night?"), zone);

    assertThat(zone.questions()).isZero();
  }

  @Test
  void refusesAMailWithTwoAuthors() throws Exception {
    var result = only(changed(signedWith(TAGS), "From:", "From: a@evil.example\r\nFrom:"), zone());

    assertThat(result.result()).isEqualTo(Result.POLICY);
    assertThat(result.reason()).contains("2 From fields");
  }

  @Test
  void believesNoSignatureOfAPartOfTheBody() throws Exception {
    int whole = "At noon?\r\n".length();

    var part = only(signedWith(TAGS + "; l=4"), zone());
    assertThat(part.result()).isEqualTo(Result.POLICY);
    assertThat(part.reason()).contains("only 4 of " + whole);
    assertThat(only(signedWith(TAGS + "; l=" + whole), zone()).passed()).isTrue();
    assertThat(only(signedWith(TAGS + "; l=" + (whole + 1)), zone()).result())
        .isEqualTo(Result.PERMERROR);
  }

  @Test
  void heedsTheTimesOfASignature() throws Exception {
    long now = Mails.NOW.getEpochSecond();

    assertThat(only(signedWith(TAGS + "; x=" + now), zone()).passed()).isTrue();
    assertThat(only(signedWith(TAGS + "; x=" + (now - 1)), zone()).reason()).contains("expired");
    assertThat(only(signedWith(TAGS + "; t=" + (now + 60)), zone()).passed()).isTrue();
    assertThat(only(signedWith(TAGS + "; t=" + (now + 7200)), zone()).reason()).contains("future");
    assertThat(only(signedWith(TAGS + "; t=" + (now + 9) + "; x=" + now), zone()).result())
        .isEqualTo(Result.NEUTRAL);
  }

  @ParameterizedTest
  @CsvSource({
    "i=@mail.example, PASS",
    "i=bob@mail.example, PASS",
    "i=bob@sub.mail.example, PASS",
    "i=bo=62@mail.example, PASS",
    "i=@evil.example, PERMERROR",
    "i=@evilmail.example, PERMERROR",
    "i=@example, PERMERROR",
    "i=bob, NEUTRAL",
    "i=b=4@mail.example, NEUTRAL",
    "q=dns/txt, PASS",
    "q=http:dns/txt, PASS",
    "q=http, PERMERROR",
    "c=simple, PASS",
    "c=nowsp, NEUTRAL",
    "c=simple/simple/simple, NEUTRAL",
    "t=1 2, NEUTRAL",
    "x=99999999999999, NEUTRAL",
    "l=-1, NEUTRAL",
    "unknown=1, PASS",
    "d=evil.example, NEUTRAL"
  })
  void readsTags(String tag, Result result) throws Exception {
    assertThat(only(signedWith(TAGS + "; " + tag), zone()).result()).isEqualTo(result);
  }

  @ParameterizedTest
  @CsvSource({
    "v=1, v=2, NEUTRAL",
    "a=ed25519-sha256, a=ed25519-sha512, NEUTRAL",
    "a=ed25519-sha256, a=rsa-sha1, PERMERROR",
    "a=ed25519-sha256, a=rsa-sha256, PERMERROR",
    "d=mail.example, d=example, NEUTRAL",
    "d=mail.example, d=mail..example, NEUTRAL",
    "d=mail.example, d=Mail.Example, PASS",
    "s=s1, s=s2, PERMERROR",
    "s=s1, s=, NEUTRAL",
    "h=from:to, h=to, NEUTRAL",
    "h=from:to, h=, NEUTRAL",
    "h=from:to, h=from:from:to:x-none, PASS",
    "bh=BH, bh=, NEUTRAL",
    "bh=BH, bh=!, NEUTRAL",
    "bh=BH, bh=AAAA, FAIL"
  })
  void requiresTags(String tag, String other, Result result) throws Exception {
    var mail = signedWith(TAGS.replace(tag, other));

    assertThat(only(mail, zone()).result()).isEqualTo(result);
  }

  private static Stream<String> tags() {
    return Stream.of("v=1; ", "a=ed25519-sha256; ", "d=mail.example; ", "s=s1; ", "h=from:to; ");
  }

  @ParameterizedTest
  @MethodSource("tags")
  void missesTags(String tag) throws Exception {
    assertThat(only(signedWith(TAGS.replace(tag, "")), zone()).result()).isEqualTo(Result.NEUTRAL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v=DKIM1; k=ed25519; p=KEY | PASS",
        "k=ed25519; p=KEY | PASS",
        "v=DKIM1; k=ed25519; p=KEY; | PASS",
        "v=DKIM1; k=ed25519; n=x; z=y; p=KEY | PASS",
        "v=DKIM1; h=sha1:sha256; s=x:email; t=z; k=ed25519; p=KEY | PASS",
        "v=DKIM1; k=ed25519; t=s; p=KEY | PASS",
        "v=DKIM1; k=ed25519; t=y; p=KEY | POLICY",
        "v=DKIM2; k=ed25519; p=KEY | PERMERROR",
        "k=ed25519; v=DKIM1; p=KEY | PERMERROR",
        "v=DKIM1; k=ed25519; p= | PERMERROR",
        "v=DKIM1; k=ed25519 | PERMERROR",
        "v=DKIM1; p=KEY | PERMERROR",
        "v=DKIM1; k=ed448; p=KEY | PERMERROR",
        "v=DKIM1; k=ed25519; h=sha1; p=KEY | PERMERROR",
        "v=DKIM1; k=ed25519; s=chat; p=KEY | PERMERROR",
        "v=DKIM1; k=ed25519; p=AAAA | PERMERROR",
        "v=DKIM1; k=ed25519; p=!KEY | PERMERROR",
        "v=DKIM1; k=ed25519; p=KEY; p=KEY | PERMERROR",
        "v=spf1 -all | PERMERROR",
        ";;; | PERMERROR"
      })
  void readsKeyRecords(String record, Result result) throws Exception {
    var key = KEY.record().replaceFirst(".*p=", "");
    var zone = new KeyZone().with(NAME, record.replace("KEY", key));

    assertThat(only(signed(MAIL), zone).result()).isEqualTo(result);
  }

  @Test
  void holdsAStrictKeyToItsDomain() throws Exception {
    var zone = new KeyZone().with(NAME, KEY.record() + "; t=s");

    assertThat(only(signedWith(TAGS + "; i=@sub.mail.example"), zone).result())
        .isEqualTo(Result.PERMERROR);
    assertThat(only(signedWith(TAGS + "; i=@mail.example"), zone).passed()).isTrue();
  }

  @Test
  void triesEachOfSeveralRecords() throws Exception {
    var zone = new KeyZone().with(NAME, "nonsense").with(NAME, Mails.ed25519().record());

    assertThat(only(signed(MAIL), zone).passed()).isFalse();
    assertThat(only(signed(MAIL), zone.with(NAME, KEY.record())).passed()).isTrue();
  }

  @Test
  void tellsAnAbsentKeyFromASilentDns() throws Exception {
    var absent = only(signed(MAIL), new KeyZone());
    var silent = only(signed(MAIL), zone().silentAt(NAME));

    assertThat(absent.result()).isEqualTo(Result.PERMERROR);
    assertThat(absent.reason()).contains(NAME);
    assertThat(silent.result()).isEqualTo(Result.TEMPERROR);
  }

  /** A modulus of that many bits, published bare, as PKCS#1 has it. */
  private static String rsaRecord(int bits) {
    int octets = bits / 8;
    var der = new java.io.ByteArrayOutputStream();
    der.writeBytes(new byte[] {0x30, (byte) 0x82, (byte) (octets + 10 >> 8), (byte) (octets + 10)});
    der.writeBytes(new byte[] {0x02, (byte) 0x82, (byte) (octets + 1 >> 8), (byte) (octets + 1)});
    der.write(0);
    var modulus = new byte[octets];
    new SplittableRandom(bits).nextBytes(modulus);
    modulus[0] |= (byte) 0x80;
    modulus[octets - 1] |= 1;
    der.writeBytes(modulus);
    der.writeBytes(new byte[] {0x02, 0x03, 0x01, 0x00, 0x01});
    return "v=DKIM1; p=" + Base64.getEncoder().encodeToString(der.toByteArray());
  }

  @ParameterizedTest
  @CsvSource({"512, POLICY", "1016, POLICY", "1024, FAIL", "4096, FAIL", "4104, POLICY"})
  void boundsTheLengthOfRsaKeys(int bits, Result result) throws Exception {
    var mail = signedWith(TAGS.replace("ed25519", "rsa"));

    assertThat(only(mail, new KeyZone().with(NAME, rsaRecord(bits))).result()).isEqualTo(result);
  }

  @Test
  void verifiesWithABareRsaKey() throws Exception {
    var key = Mails.rsa();
    var mail = signedWith(TAGS.replace("ed25519", "rsa"), MAIL, key);
    var wrapped = Base64.getDecoder().decode(key.record().replaceFirst(".*p=", ""));
    // SubjectPublicKeyInfo of 1024 bits: 22 octets stand before the bare key.
    var bare = Arrays.copyOfRange(wrapped, 22, wrapped.length);
    var zone = new KeyZone().with(NAME, "v=DKIM1; p=" + Base64.getEncoder().encodeToString(bare));

    assertThat(only(mail, zone).passed()).isTrue();
    assertThat(only(mail, new KeyZone().with(NAME, key.record())).passed()).isTrue();
  }

  @Test
  void asksOnceForAKeyOfManySignaturesAndLooksAtNoMoreThanTen() throws Exception {
    var one = new String(signed(MAIL), StandardCharsets.ISO_8859_1);
    var field = one.substring(0, one.indexOf("\r\nFrom:") + 2);
    var zone = zone();

    var results = Mails.verify((field.repeat(999) + one).getBytes(StandardCharsets.UTF_8), zone);

    assertThat(results).hasSize(Dkim.MAX_SIGNATURES).allMatch(DkimResult::passed);
    assertThat(zone.questions()).isEqualTo(1);
  }

  @Test
  void asksAtMostOneQuestionForEachSignature() throws Exception {
    var one = new String(signed(MAIL), StandardCharsets.ISO_8859_1);
    var field = one.substring(0, one.indexOf("\r\nFrom:") + 2);
    var many =
        IntStream.range(0, 300)
            .mapToObj(i -> field.replace("s=s1", "s=s" + i))
            .reduce("", String::concat);
    var zone = zone();

    Mails.verify((many + one).getBytes(StandardCharsets.UTF_8), zone);

    assertThat(zone.questions()).isEqualTo(Dkim.MAX_SIGNATURES);
  }

  @Test
  void readsNoHeaderOfTenMegabytes() {
    var mail = "X-Long: " + "x".repeat(10_000_000) + "\r\n" + MAIL;

    assertThatThrownBy(() -> Mails.read(Mails.octets(mail)))
        .isInstanceOf(MailException.class)
        .hasMessageContaining("larger than 1 MiB");
  }

  @Test
  void verifiesALongHeaderThatIsCovered() throws Exception {
    var mail = MAIL.replace("Subject: Lunch", "Subject: " + "long ".repeat(100_000));

    assertThat(only(signed(mail), zone()).passed()).isTrue();
  }

  @Test
  void hashesALargeBodyWithoutKeepingIt() throws Exception {
    var line = ("x".repeat(998) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    var parts =
        Stream.concat(Stream.of(Mails.octets(MAIL)), IntStream.range(0, 25_000).mapToObj(i -> line))
            .<InputStream>map(ByteArrayInputStream::new)
            .toList();
    var in = new SequenceInputStream(Collections.enumeration(parts));

    var read = SignedMail.read(in, Canonicalization.RELAXED);

    assertThat(read.bodyLength(Canonicalization.RELAXED)).isEqualTo(12 + 25_000L * 1000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void meetsRandomOctetsAndKeysWithDeclaredResults(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var whole = signed(MAIL);
    for (int i = 0; i < 300; i++) {
      var damaged = java.util.Arrays.copyOf(whole, random.nextInt(whole.length) + 1);
      for (int n = random.nextInt(4); n > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      var noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      var record =
          random.nextBoolean()
              ? new String(noise, StandardCharsets.ISO_8859_1)
              : "v=DKIM1; p=" + Base64.getEncoder().encodeToString(noise);
      for (var zone : List.of(zone(), new KeyZone().with(NAME, record))) {
        for (var result : Mails.verify(damaged, zone)) {
          assertThat(result.reason()).isNotEmpty();
        }
        assertThat(zone.questions()).isLessThanOrEqualTo(1);
        assertThat(Arc.validate(Mails.read(noise), zone, Mails.NOW)).isNotNull();
      }
    }
  }

  @Test
  void failsForEachTruncation() throws Exception {
    var whole = signed(MAIL);
    int end = new String(whole, StandardCharsets.ISO_8859_1).indexOf("?") + 1;
    for (int length = 0; length < end; length++) {
      var results = Mails.verify(java.util.Arrays.copyOf(whole, length), zone());
      assertThat(results).noneMatch(DkimResult::passed);
    }
    // The line ends of the body do not count, RFC 6376 §3.4.4.
    assertThat(Mails.verify(java.util.Arrays.copyOf(whole, end), zone()).get(0).passed()).isTrue();
  }
}
