package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemorySharesTest {
  private static final long LARGEST = 25L << 20;

  @Test
  void aMailThatIsLargerThanAllIsWorkedOnAlone() throws Exception {
    var shares = MemoryShares.of(1 << 20);

    assertThat(shares.share(Long.MAX_VALUE / 8)).isEqualTo(shares.all());
    assertThat(shares.share(0)).isPositive();
    assertThat(shares.take(LARGEST, 0)).isTrue();
    assertThat(shares.take(0, 0)).isFalse();
  }

  @Test
  void allTogetherTakeAThirdOfTheMemoryAtMost() {
    var shares = MemoryShares.ofAThird();

    assertThat((long) shares.share(LARGEST) * MemoryShares.SHARE_OCTETS)
        .isGreaterThanOrEqualTo(Math.min(LARGEST * 4, Runtime.getRuntime().maxMemory() / 4));
    assertThat((long) shares.all() * MemoryShares.SHARE_OCTETS)
        .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() / 3);
  }

  @Test
  void whatIsGivenBackLetsTheNextOneIn() throws Exception {
    var shares = MemoryShares.of(LARGEST);
    shares.take(LARGEST);
    var next = CompletableFuture.runAsync(() -> shares.take(LARGEST));
    assertThat(next).isNotDone();

    shares.giveBack(LARGEST);
    next.join();

    assertThat(shares.take(LARGEST, 0)).isFalse();
  }

  @Test
  void complainsOfAHeapOfLessThanTenOfTheLargestMails() {
    assertThat(MemoryShares.complaint(10 * LARGEST, LARGEST)).isEmpty();
    assertThat(MemoryShares.complaint(10 * LARGEST - 1, LARGEST))
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .contains("heap of 249 MiB")
                    .contains("smtp.maxMailBytes")
                    .contains("-Xmx251m"));
  }
}
