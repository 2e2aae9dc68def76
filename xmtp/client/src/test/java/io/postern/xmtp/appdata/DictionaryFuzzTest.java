package io.postern.xmtp.appdata;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.postern.mls.wire.TlsReader;
import io.postern.mls.wire.WireException;
import java.util.List;

/** Any octets are a dictionary and an update of it, or are refused. */
class DictionaryFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void readsOnlyWhatItWouldWrite(byte[] octets) {
    try {
      assertThat(Dictionary.read(octets).toOctets()).isEqualTo(octets);
    } catch (AppDataException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  /** A dictionary, and then updates: number and octets, each with their length. */
  @FuzzTest(maxDuration = "10m")
  void appliesOrRefuses(byte[] octets) {
    try {
      var in = new TlsReader(octets);
      var dictionary = Dictionary.read(in.opaque("dictionary"));
      while (in.hasMore()) {
        int id = in.uint16("component");
        var update = TestUpdate.of(id, in.opaque("update"));
        dictionary = dictionary.apply(List.of(update));

        assertThat(Dictionary.read(dictionary.toOctets())).isEqualTo(dictionary);
        assertThat(dictionary.find(id)).isPresent();
        dictionary.registry().check(update, new Role(true, true));
      }
    } catch (WireException | AppDataException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }
}
