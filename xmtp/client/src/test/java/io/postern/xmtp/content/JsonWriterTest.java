package io.postern.xmtp.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonWriterTest {
  /** The right column is what serde_json prints. */
  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "-0.0, -0.0",
    "1, 1.0",
    "-1.5, -1.5",
    "0.1, 0.1",
    "100, 100.0",
    "1234567.25, 1234567.25",
    "1e15, 1000000000000000.0",
    "1e16, 1e16",
    "1.5e16, 1.5e16",
    "123456789012345680, 1.2345678901234568e17",
    "2e23, 2e23",
    "0.001, 0.001",
    "0.0001, 0.0001",
    "0.00001, 0.00001",
    "0.000001, 1e-6",
    "1e-7, 1e-7",
    "1.5e-7, 1.5e-7",
    "4.9e-324, 5e-324",
    "1.7976931348623157e308, 1.7976931348623157e308",
    "0.30000000000000004, 0.30000000000000004",
  })
  void printsNumbersLikeSerde(double value, String printed) {
    assertThat(JsonWriter.print(value)).isEqualTo(printed);
  }

  static LongStream seeds() {
    return new SplittableRandom(1).longs(2000);
  }

  @ParameterizedTest(name = "bits {0}")
  @MethodSource("seeds")
  void printsDigitsThatReadBackAsTheSameNumber(long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isFinite(value)) {
      assertThat(Double.parseDouble(JsonWriter.print(value))).isEqualTo(value);
    }
  }

  @Test
  void escapesLikeSerde() {
    String json =
        new JsonWriter().text("k", "\"\\/\b\f\n\r\t\u0001\u001f\u007f\u2028é😀").toString();

    assertThat(json).isEqualTo("{\"k\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u007f\u2028é😀\"}");
  }
}
