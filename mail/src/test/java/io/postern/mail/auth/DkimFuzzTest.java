package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mail.MailException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * No octets make a signature pass, a chain verify or the reader fall. The input is a line, which is
 * the record of a key, and a mail.
 */
class DkimFuzzTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");

  @FuzzTest(maxDuration = "10m")
  void passesNothingByChance(byte[] input) throws IOException {
    int end = 0;
    while (end < input.length && input[end] != '\n') {
      end++;
    }
    var key = new String(input, 0, end, StandardCharsets.ISO_8859_1);
    var octets = Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length);
    var zone =
        new Zone()
            .txt("s._domainkey.a.example", "v=DKIM1; " + key)
            .txt("t._domainkey.a.example", key);
    SignedMail signed;
    try {
      signed = SignedMail.read(new ByteArrayInputStream(octets));
    } catch (MailException refused) {
      assertThat(refused.advice()).isNotBlank();
      return;
    }

    var results = Dkim.verify(signed, zone, NOW);
    var chain = Arc.validate(signed, zone, NOW);

    assertThat(results.size()).isLessThanOrEqualTo(Dkim.MAX_SIGNATURES);
    assertThat(results).noneMatch(DkimResult::passed);
    assertThat(chain.status()).isNotEqualTo(ArcResult.Status.PASS);
    AuthenticationResultsParser.parse(key);
  }
}
