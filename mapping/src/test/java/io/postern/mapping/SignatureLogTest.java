package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class SignatureLogTest {
  private static final Mailbox ALICE = mailbox("alice@bridge.example");
  private static final Mailbox CAROL = mailbox("carol@bridge.example");
  private static final byte[] SIGNATURE = {1, 2, 3};

  @TempDir Path folder;
  private MappingDatabase database;
  private SignatureLog log;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    log = new SignatureLog(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static IdempotencyKey mail(int n, Mailbox recipient) {
    return IdempotencyKey.of(new MailId("<" + n + "@example.org>"), recipient, 0);
  }

  private boolean admit(Mailbox recipient, int mail) {
    return log.admit(SIGNATURE, recipient, mail(mail, recipient), T0);
  }

  @Test
  void aSignatureCountsOnceForARecipient() {
    assertThat(admit(ALICE, 1)).isTrue();

    assertThat(admit(ALICE, 2)).isFalse();
    assertThat(admit(mailbox("ALICE@bridge.example"), 3)).isFalse();
    assertThat(admit(CAROL, 2)).isTrue();
  }

  @Test
  void theSameMailMayComeAgain() {
    admit(ALICE, 1);

    assertThat(admit(ALICE, 1)).isTrue();
  }

  @Test
  void ofManyAtOnceOneIsAdmitted() throws Exception {
    var pool = Executors.newFixedThreadPool(4);
    try {
      var tries = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 16; i++) {
        int mail = i;
        tries.add(() -> admit(ALICE, mail));
      }
      int admitted = 0;
      for (Future<Boolean> each : pool.invokeAll(tries)) {
        admitted += each.get() ? 1 : 0;
      }

      assertThat(admitted).isEqualTo(1);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void forgetsWhatIsOld() {
    admit(ALICE, 1);

    assertThat(log.expire(T0)).isZero();
    assertThat(log.expire(T0.plusSeconds(1))).isEqualTo(1);
    assertThat(admit(ALICE, 2)).isTrue();
  }
}
