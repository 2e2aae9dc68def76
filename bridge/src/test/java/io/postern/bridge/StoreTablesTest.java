package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mapping.MappingSchema;
import io.postern.xmtp.store.ClientSchema;
import org.junit.jupiter.api.Test;

/** A start that finds its tables as it needs them, as nearly every one does. */
@OnEachDatabase
class StoreTablesTest {
  @Test
  void asksNobodyWhatIsMissing() throws Exception {
    try (var store = new TestStore()) {
      assertThat(MappingSchema.migrate(store.source())).isFalse();
      assertThat(ClientSchema.migrate(store.source())).isFalse();
    }
  }
}
