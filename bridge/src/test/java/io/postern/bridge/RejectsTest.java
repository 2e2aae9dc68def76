package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.mapping.Reject;
import io.postern.mapping.RejectStore;
import io.postern.smtp.Refusal;
import io.postern.smtp.SmtpReply;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@OnEachDatabase
class RejectsTest {
  private TestStore store;
  private RejectStore kept;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    kept = new RejectStore(store.jdbi());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static Refusal refusal(String words) {
    return new Refusal(
        TestClock.START,
        "192.0.2.1",
        "mx.example.org",
        Optional.empty(),
        List.of(new Mailbox("alice", "bridge.example")),
        "bob@example.org",
        "<1@example.org>",
        "",
        10,
        SmtpReply.of(550, "5.7.1", words));
  }

  private List<String> words() {
    return kept.find("bob@example.org", 10_000).stream().map(Reject::words).toList();
  }

  @Test
  void writesWhatItHears() {
    try (var rejects = new Rejects(kept)) {
      rejects.start();
      rejects.accept(refusal("one"));
      rejects.accept(refusal("two"));

      await().untilAsserted(() -> assertThat(words()).containsExactly("two", "one"));
    }
  }

  @Test
  void writesWhatWaitsBeforeItEnds() {
    try (var rejects = new Rejects(kept)) {
      for (int i = 0; i < 500; i++) {
        rejects.accept(refusal("a flood"));
      }
    }

    assertThat(words()).hasSize(500);
  }

  @Test
  void whatIsTooMuchIsDroppedAndNobodyWaits() {
    try (var rejects = new Rejects(kept, 3)) {
      for (int i = 0; i < 500; i++) {
        rejects.accept(refusal("number " + i));
      }
    }

    assertThat(words()).containsExactly("number 2", "number 1", "number 0");
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenLater() {
    store.jdbi().useHandle(handle -> handle.execute("alter table reject rename to away"));
    try (var rejects = new Rejects(kept)) {
      rejects.start();
      rejects.accept(refusal("kept"));
      await().until(rejects::isBehind);

      store.jdbi().useHandle(handle -> handle.execute("alter table away rename to reject"));

      await().untilAsserted(() -> assertThat(words()).containsExactly("kept"));
    }
  }
}
