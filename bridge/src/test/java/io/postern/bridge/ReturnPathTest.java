package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.xmtp.identity.InstallationId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnPathTest {
  private static final String MESSAGE = "0123456789abcdef".repeat(4);

  @Test
  void cannotBeGuessedAndFitsALocalPart() {
    var path = ReturnPath.draw("bridge.example");

    assertThat(path).isNotEqualTo(ReturnPath.draw("bridge.example"));
    assertThat(path.domain()).isEqualTo("bridge.example");
    assertThat(path.localPart()).hasSizeLessThanOrEqualTo(64); // RFC 5321 §4.5.3.1.1
    assertThat(ReturnPath.isOurs(path.localPart())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "b-",
        "b-0123456789abcdef",
        "b-0123456789abcdef0123456789abcdef0",
        "B-0123456789abcdef0123456789abcdef",
        "b-0123456789ABCDEF0123456789abcdef",
        "xb-0123456789abcdef0123456789abcdef"
      })
  void nothingElseIsOne(String localPart) {
    assertThat(ReturnPath.isOurs(localPart)).isFalse();
  }

  @Test
  void aJourneyIsOfOneMessageInOneInstallation() {
    var installation = InstallationId.of(new byte[InstallationId.LENGTH]);

    var id = MessageJourneys.id(installation, MESSAGE);

    assertThat(id).isEqualTo(MESSAGE + "/00000000");
    assertThat(MessageJourneys.message(id)).isEqualTo(MESSAGE);
  }
}
