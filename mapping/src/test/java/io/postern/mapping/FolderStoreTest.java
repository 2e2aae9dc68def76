package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mapping.FolderStore.Place;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class FolderStoreTest {
  private static final Instant SEEN = Instant.parse("2026-11-29T20:00:00.123456Z");

  @TempDir Path folder;

  @Test
  void keepsOnePlaceOfEachFolderThroughACrash() throws Exception {
    var last = new Place(8, 4_294_967_295L, SEEN, Optional.empty());
    var other = new Place(1, 1, SEEN, Optional.of(LocalDate.of(2026, 11, 26)));
    var crashing = MappingDatabase.open(folder);
    var store = new FolderStore(crashing.jdbi());
    store.keep("Sent", new Place(7, 41, SEEN.minusSeconds(1), Optional.of(LocalDate.EPOCH)));
    store.keep("Sent", last);
    store.keep("x".repeat(5_000), other);
    crashing.crash();

    try (var database = MappingDatabase.open(folder)) {
      var again = new FolderStore(database.jdbi());

      assertThat(again.find("Sent")).contains(last);
      assertThat(again.find("x".repeat(5_000))).contains(other);
      assertThat(again.find("sent")).isEmpty();
    }
  }
}
