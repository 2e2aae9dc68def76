package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import org.junit.jupiter.api.Test;

class AnswerSizeTest {
  /** The client of this project knows these words (V3NodeTest). */
  @Test
  void tellsAnAnswerThatIsTooLargeFromARateLimit() throws Exception {
    var size = new AnswerSize();
    size.add(AnswerSize.MAX_BYTES);

    var refused = catchThrowableOfType(RefusedException.class, () -> size.add(1));

    assertThat(refused.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refused.status().getDescription())
        .isEqualTo(
            "message too large: the answer would pass 25165824 octets, ask for less at once");
  }
}
