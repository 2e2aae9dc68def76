package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class MessageIdTest {
  private static final String HEX = "ab12".repeat(16);

  @Test
  void readsDigitsOfEitherCaseAndPrintsLower() {
    var id = MessageId.parse(HEX.toUpperCase(Locale.ROOT)).orElseThrow();

    assertThat(id).hasToString(HEX).isEqualTo(MessageId.parse(HEX).orElseThrow());
    assertThat(MessageId.of(id.toByteArray())).isEqualTo(id);
  }

  @Test
  void isNotReadFromAnythingElse() {
    assertThat(MessageId.parse("")).isEmpty();
    assertThat(MessageId.parse("not-hex")).isEmpty();
    assertThat(MessageId.parse(HEX.substring(1))).isEmpty();
    assertThat(MessageId.parse(HEX + "0")).isEmpty();
    assertThat(MessageId.parse("zz" + HEX.substring(2))).isEmpty();
    assertThat(MessageId.parse("٣" + HEX.substring(1))).isEmpty();
  }

  @Test
  void has32Octets() {
    assertThatThrownBy(() -> MessageId.of(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void changesWithGroupKeyAndContent() {
    byte[] group = {1};
    byte[] content = {2};
    var id = MessageId.of(group, "key", content);

    assertThat(MessageId.of(new byte[] {3}, "key", content)).isNotEqualTo(id);
    assertThat(MessageId.of(group, "other", content)).isNotEqualTo(id);
    assertThat(MessageId.of(group, "key", new byte[] {4})).isNotEqualTo(id);
    assertThat(MessageId.of(group, "key", content)).isEqualTo(id);
  }
}
