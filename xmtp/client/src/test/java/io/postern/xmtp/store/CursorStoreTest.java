package io.postern.xmtp.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.store.CursorStore.Read;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How far topics have been read, asked for one or many. */
@OnEachDatabase
class CursorStoreTest {
  private static final int MANY = 300;

  private ClientStore store;

  @BeforeEach
  void open(@TempDir Path folder) {
    store = TestDatabase.open(folder);
  }

  private static Read read(int installation, int group) {
    return new Read(
        InstallationId.of(ByteBuffer.allocate(32).putInt(installation).array()),
        Topic.of(GroupId.of(ByteBuffer.allocate(16).putInt(group).array())));
  }

  private Map<Read, Cursor> find(Collection<Read> reads) {
    return store.jdbi().withHandle(handle -> store.cursors().find(handle, reads));
  }

  @Test
  void answersFewReadsAndManyAlike() {
    var stored = new HashMap<Read, Cursor>();
    store
        .jdbi()
        .useTransaction(
            handle -> {
              for (int i = 0; i < MANY; i++) {
                var read = read(i % 7, i);
                store
                    .cursors()
                    .advance(handle, read.installation(), read.topic(), new Position(0, i + 1));
                stored.put(read, Cursor.of(Map.of(0, i + 1L)));
              }
            });
    var unread = read(3, MANY);
    var all = new ArrayList<>(stored.keySet());
    all.add(unread);

    var many = find(all);
    var few = find(List.of(read(2, 2), read(3, 3), unread));

    assertThat(many).isEqualTo(stored);
    assertThat(few)
        .isEqualTo(Map.of(read(2, 2), stored.get(read(2, 2)), read(3, 3), stored.get(read(3, 3))));
  }
}
