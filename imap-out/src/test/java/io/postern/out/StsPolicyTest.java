package io.postern.out;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.out.StsPolicy.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StsPolicyTest {
  private static final String POLICY =
      "version: STSv1\r\n"
          + "mode: enforce\r\n"
          + "mx: mx.example.org\r\n"
          + "mx: *.example.net\r\n"
          + "max_age: 604800\r\n";

  @Test
  void readsAPolicy() {
    var policy = StsPolicy.parse(POLICY);

    assertThat(policy)
        .contains(
            new StsPolicy(
                Mode.ENFORCE, List.of("mx.example.org", "*.example.net"), Duration.ofDays(7)));
  }

  @Test
  void readsBareLineFeedsAndPassesOverWhatItDoesNotKnow() {
    var text = POLICY.replace("\r\n", "\n") + "colour: blue: green\n";

    assertThat(StsPolicy.parse(text)).isEqualTo(StsPolicy.parse(POLICY));
  }

  @Test
  void theFirstOfTwoCounts() {
    assertThat(StsPolicy.parse(POLICY + "mode: none\nmax_age: 1\nversion: STSv2\n"))
        .isEqualTo(StsPolicy.parse(POLICY));
  }

  @Test
  void aPolicyThatIsGivenUpNeedsNoHosts() {
    assertThat(StsPolicy.parse("version: STSv1\nmode: none\nmax_age: 86400").orElseThrow().mode())
        .isEqualTo(Mode.NONE);
  }

  @Test
  void holdsAYearAtMost() {
    var policy = StsPolicy.parse(POLICY.replace("604800", "9999999999"));

    assertThat(policy.orElseThrow().maxAge()).isEqualTo(Duration.ofSeconds(31_557_600));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\0\r\n\r\n",
        "<html>\n",
        "mode: enforce\nmx: a.example\nmax_age: 1",
        "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1",
        "version: STSv1\nmx: a.example\nmax_age: 1",
        "version: STSv1\nmode: perhaps\nmx: a.example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a.example",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 99999999999",
        "version: STSv1\nmode: enforce\nmx: a b\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: *\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\nnonsense"
      })
  void whatIsNoPolicyIsNone(String text) {
    assertThat(StsPolicy.parse(text)).isEqualTo(Optional.empty());
  }

  @Test
  void tooManyHostsAreNoPolicy() {
    assertThat(StsPolicy.parse(POLICY + "mx: a.example\n".repeat(1_000))).isEmpty();
  }

  @Test
  void aWildcardStandsForOneLabel() {
    var policy = StsPolicy.parse(POLICY).orElseThrow();

    assertThat(policy.names("MX.example.org")).isTrue();
    assertThat(policy.names("a.example.net")).isTrue();
    for (var other : List.of("example.net", "a.b.example.net", "a.example.org", ".example.net")) {
      assertThat(policy.names(other)).as(other).isFalse();
    }
  }
}
