package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.xmtp.network.V3Settings;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which texts are versions, and in which order: as for every other member of a group. */
class ProtocolVersionTest {
  private static ProtocolVersion version(String text) {
    return ProtocolVersion.parse(text).orElseThrow();
  }

  @Test
  void ordersVersionsAsOthersDo() {
    var rising =
        List.of(
            "0.0.0",
            "1.0.0-0",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-99999999999999999999999",
            "1.0.0--",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-" + "x".repeat(70),
            "1.0.0",
            "1.0.0+0",
            "1.0.0+00",
            "1.0.0+1",
            "1.0.0+01",
            "1.0.0+2",
            "1.0.0+2.0",
            "1.0.0+a",
            "1.0.0+a-b",
            "1.0.1-rc.1+a",
            "1.0.1-rc.1+b",
            "9223372036854775807.0.0",
            "9223372036854775808.0.0",
            "18446744073709551615.18446744073709551615.18446744073709551615");

    for (int i = 0; i < rising.size(); i++) {
      for (int j = 0; j < rising.size(); j++) {
        assertThat(Integer.signum(version(rising.get(i)).compareTo(version(rising.get(j)))))
            .as("%s and %s", rising.get(i), rising.get(j))
            .isEqualTo(Integer.compare(i, j));
      }
    }
  }

  @ParameterizedTest(name = "\"{0}\"")
  @ValueSource(
      strings = {
        "",
        "1",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "1.0.-1",
        "1.0.0-",
        "1.0.0+",
        "1.0.0-01",
        "1.0.0-a..b",
        "1.0.0-a.",
        "1.0.0+.a",
        "1.0.0+a+b",
        "1.0.0-ä",
        "1.0.0 ",
        " 1.0.0",
        "v1.0.0",
        "1.0.0\n",
        "١.0.0",
        "18446744073709551616.0.0",
        "100000000000000000000.0.0"
      })
  void takesNothingElseForAVersion(String text) {
    assertThat(ProtocolVersion.parse(text)).isEmpty();
  }

  @Test
  void readsWhatIsAsLongAsAMessage() {
    var parts = "1.0.0-" + "a.".repeat(1 << 20) + "b";
    var digits = "1.0.0-" + "1".repeat(1 << 20);

    assertThat(version(parts)).isGreaterThan(version(digits));
    assertThat(version(parts)).isLessThan(version("1.0.0"));
  }

  @Test
  void keepsTheBeginningOfWhatIsTooLongToBeStored() {
    var longest = "99.1.2-" + "x".repeat(57);

    assertThat(ProtocolVersion.aboveOurs(longest)).contains(longest);
    assertThat(ProtocolVersion.aboveOurs(longest + "x")).contains(longest);
    assertThat(ProtocolVersion.aboveOurs("99.1.2-rc.1")).contains("99.1.2-rc.1");
  }

  static Stream<String> tooLong() {
    var most = "18446744073709551615.18446744073709551615.18446744073709551615";
    var zeros = "0".repeat(70);
    var ours = V3Settings.LIBXMTP_VERSION;
    return Stream.of(
        ours + "+" + "b".repeat(64),
        ours + "+" + zeros,
        ours + "+" + "a.".repeat(64) + "z",
        "99.0.0-" + "1" + zeros,
        "99.0.0-" + zeros + "a",
        "99.0.0-" + "r".repeat(55) + ".1.2.3",
        "99.0.0-" + "r".repeat(56) + "+build",
        "99.0.0+" + "r".repeat(56) + ".9",
        most + "-a.b",
        most + "-00a",
        most + "+0.0");
  }

  /** Else a group would go on and wait again whenever we start. */
  @ParameterizedTest
  @MethodSource("tooLong")
  void whatIsKeptOfItIsAboveOursAndNotAboveIt(String text) {
    var kept = ProtocolVersion.aboveOurs(text).orElseThrow();

    assertThat(kept).hasSizeLessThanOrEqualTo(64);
    assertThat(version(kept)).isGreaterThan(ProtocolVersion.OURS);
    assertThat(version(kept)).isLessThanOrEqualTo(version(text));
    assertThat(ProtocolVersion.aboveOurs(kept)).contains(kept);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0.0", V3Settings.LIBXMTP_VERSION, "", "soon", "99", "99.1.2-"})
  void keepsNothingOfWhatIsNotAboveOurs(String text) {
    assertThat(ProtocolVersion.aboveOurs(text)).isEmpty();
  }
}
