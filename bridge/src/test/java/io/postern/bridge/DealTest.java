package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DealTest {
  @ParameterizedTest(name = "{0} parts, {1} ours, {2} instances, {3} free")
  @CsvSource({
    "2, 2, 1, 0, false, false",
    "2, 2, 2, 0, true, false",
    "2, 1, 2, 0, false, false",
    "2, 1, 1, 1, false, true",
    "2, 1, 3, 0, false, false",
    "3, 2, 2, 0, false, false",
    "3, 1, 2, 1, false, true",
    "3, 2, 3, 0, true, false",
    "4, 2, 3, 0, false, false",
    "4, 2, 2, 2, false, false",
    "1, 1, 5, 0, false, false",
  })
  void isDealtAnewWhereSomebodyHasTooManyOrPartsLieIdle(
      int parts, int ours, int instances, int free, boolean tooMany, boolean tooFew) {
    var deal = new Deal(parts, ours, instances, free);

    assertThat(deal.isTooMany()).isEqualTo(tooMany);
    assertThat(deal.isTooFew()).isEqualTo(tooFew);
  }
}
