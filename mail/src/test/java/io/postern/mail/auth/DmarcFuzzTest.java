package io.postern.mail.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Whatever records stand in the tree, the walk ends, and nobody is aligned but who signed. The
 * input is lines: the author's domain, the signer's, a record.
 */
class DmarcFuzzTest {
  /** RFC 9989 §4.10: eight names at most for each of the two domains of a comparison. */
  private static final int MOST_QUESTIONS = 40;

  @FuzzTest(maxDuration = "10m")
  void walksToAnEnd(byte[] octets) {
    var lines = new String(octets, StandardCharsets.UTF_8).split("\n", -1);
    var author = lines[0];
    var signer = lines[lines.length / 2];
    var record = lines[lines.length - 1];
    var zone =
        new Zone()
            .txt("_dmarc." + author, record)
            .txt("_dmarc.example", "v=DMARC1; psd=n; " + record)
            .txt("_dmarc.a.example", "v=DMARC1; " + record);

    var result = new Dmarc(zone).evaluate(author, List.of(), List.of(signer, "a.example"));

    assertThat(result.outcome()).isNotNull();
    assertThat(zone.asked.size()).isLessThan(MOST_QUESTIONS);
    var signers = List.of(DomainName.parse(signer), DomainName.parse("a.example"));
    result.aligned().ifPresent(found -> assertThat(signers).contains(Optional.of(found.domain())));
  }
}
