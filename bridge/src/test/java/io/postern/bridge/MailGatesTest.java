package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MailGatesTest {
  /** A mail larger than the memory that may be used for judging is judged, alone. */
  @Test
  void noMailIsTooLargeToBeJudgedAlone() {
    assertThat(MailGates.share(Long.MAX_VALUE / 8)).isEqualTo(MailGates.SHARES);
    assertThat(MailGates.share(0)).isPositive();
  }

  @Test
  void largeMailsAtOnceShareTheMemory() {
    long largest = 25L << 20;

    assertThat((long) MailGates.share(largest) * MailGates.SHARE_OCTETS)
        .isGreaterThanOrEqualTo(largest * 4);
    assertThat((long) MailGates.SHARES * MailGates.SHARE_OCTETS)
        .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() / 3);
  }
}
