package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.xmtp.client.XmtpException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InboxTroublesTest {
  private TestStore store;
  private InboxTroubles troubles;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    troubles = new InboxTroubles(store.client(TestStore.away()));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void lost(String inbox, String trouble) {
    store
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "insert into lost_inbox (inbox_id, installation_id, address, wallet_index,"
                        + " trouble) values (?, ?, ?, 0, ?)",
                    inbox.repeat(32),
                    new byte[32],
                    "0x" + "00".repeat(20),
                    trouble));
  }

  @Test
  void saysNothingWhereNothingIsWrong() throws Exception {
    troubles.count();

    assertThat(troubles.list()).isEmpty();
  }

  @Test
  void namesInboxesThatWaitAndThoseThatCannotComeBack() {
    lost("aa", "");
    lost("bb", "");
    lost("cc", "the inbox has been taken over");

    assertThat(troubles.list())
        .containsExactly(
            "the inbox has been taken over", "2 restored inboxes have no installation yet");
  }

  @Test
  void doesNotNameAThousand() {
    for (int i = 0; i < 20; i++) {
      lost(String.format("%02x", i), "taken over " + i);
    }

    assertThat(troubles.list()).hasSize(10);
  }

  @Test
  void whatCannotBeCountedNowIsCountedLater() {
    store
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "insert into hosted_inbox (installation_id, inbox_id, address, key_sealed,"
                        + " hmac_root_sealed, registered, rotate_at_ns)"
                        + " values (?, ?, ?, ?, ?, true, 0)",
                    new byte[32],
                    "ab".repeat(32),
                    "0x" + "00".repeat(20),
                    new byte[1],
                    new byte[1]));

    assertThatThrownBy(troubles::count)
        .isInstanceOfSatisfying(
            XmtpException.class, failed -> assertThat(failed.isRetryable()).isTrue());
  }
}
