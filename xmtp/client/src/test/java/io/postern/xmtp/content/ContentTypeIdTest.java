package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentTypeIdTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "xmtp.org/text:1.0",
        "xmtp.org/application/x-protobuf:1.0",
        "a/b:c:2.3",
        "example.org/poll:4294967295.4294967295",
      })
  void readsBackWhatItPrints(String printed) throws Exception {
    assertThat(ContentTypeId.parse(printed)).hasToString(printed);
  }

  @Test
  void takesThePartsApart() throws Exception {
    assertThat(ContentTypeId.parse("xmtp.org/application/x-protobuf:1.7"))
        .isEqualTo(new ContentTypeId("xmtp.org", "application/x-protobuf", 1, 7));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "xmtp.org/text",
        "xmtp.org/text:1",
        "xmtp.org/text:1.",
        "xmtp.org/text:.1",
        "xmtp.org/text:1.0.0",
        "xmtp.org/text:-1.0",
        "xmtp.org/text:+1.0",
        "xmtp.org/text:1.4294967296",
        "xmtp.org/text:٣.0",
        "xmtp.org/:1.0",
        "/text:1.0",
        "xmtp.org:1.0/text",
      })
  void refusesAnythingElse(String printed) {
    assertThatThrownBy(() -> ContentTypeId.parse(printed)).isInstanceOf(ContentException.class);
  }
}
