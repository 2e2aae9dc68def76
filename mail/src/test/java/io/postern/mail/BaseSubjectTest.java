package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaseSubjectTest {
  @ParameterizedTest
  @CsvSource({
    "lunch, lunch, false, false",
    "Re: lunch, lunch, true, false",
    "RE: Re[2]: lunch, lunch, true, false",
    "Re (3): lunch, lunch, true, false",
    "AW: WG: lunch, lunch, true, false",
    "SV: lunch, lunch, true, false",
    "VS: lunch, lunch, true, false",
    "Antw: lunch, lunch, true, false",
    "'回复：午餐', 午餐, true, false",
    "Fwd: Re: lunch, lunch, true, true",
    "Re: Fwd: lunch, lunch, true, false",
    "WG: lunch, lunch, false, true",
    "TR : lunch, lunch, false, true",
    "RV: lunch, lunch, false, true",
    "lunch (fwd), lunch, false, true",
    "[fwd: lunch], lunch, false, true",
    "Re: [dev] Re: Release, [dev] Release, true, false",
    "[dev] Re: Release, [dev] Release, true, false",
    "Reason: none, Reason: none, false, false",
    "Re:, '', true, false",
    "'', '', false, false"
  })
  void takesAwayWhatRepliesAndForwardsAdd(
      String subject, String base, boolean reply, boolean forward) {
    assertThat(BaseSubject.of(subject)).isEqualTo(new BaseSubject(base, reply, forward));
  }

  @Test
  void comparesWithoutCaseAndNamesOfLists() {
    assertThat(BaseSubject.of("Re: [dev] Lunch").sameAs(BaseSubject.of("LUNCH"))).isTrue();
    assertThat(BaseSubject.of("lunch").sameAs(BaseSubject.of("dinner"))).isFalse();
  }

  @Test
  void endsOnASubjectOfPrefixesOnly() {
    assertThat(BaseSubject.of("Re: ".repeat(5000)).text()).isEmpty();
    assertThat(BaseSubject.of("[a] ".repeat(5000)).text()).isEqualTo("[a]");
  }
}
