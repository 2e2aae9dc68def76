package io.postern.bridge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormFieldsTest {
  @Test
  void decodesNamesAndValues() throws Exception {
    var fields = FormFields.parse("a=1&b%20c=x+y%2Bz&d=&e&f=g=h");

    assertThat(fields.fields())
        .isEqualTo(Map.of("a", "1", "b c", "x y+z", "d", "", "e", "", "f", "g=h"));
  }

  @Test
  void hasNoFieldsInNothing() throws Exception {
    assertThat(FormFields.parse("").fields()).isEmpty();
    assertThat(FormFields.parse("&&").fields()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%4", "%zz=1", "a=%-1", "a=1&a=2"})
  void refusesWhatIsNoForm(String encoded) {
    assertThatThrownBy(() -> FormFields.parse(encoded))
        .isInstanceOfSatisfying(
            RefusedRequest.class, refused -> assertThat(refused.status()).isEqualTo(400));
  }

  @Test
  void refusesTooManyFields() {
    var many = new StringBuilder("a0=1");
    for (int i = 1; i < 100; i++) {
      many.append("&a").append(i).append("=1");
    }

    assertThatThrownBy(() -> FormFields.parse(many.toString())).isInstanceOf(RefusedRequest.class);
  }

  @Test
  void encodesTheOthersAgain() throws Exception {
    var fields = FormFields.parse("token=t&name=a%26b%3Dc");

    assertThat(fields.without("token")).isEqualTo("name=a%26b%3Dc");
  }
}
