package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class BindingStoreTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final Mailbox EVE = mailbox("eve@example.org");

  @TempDir Path folder;
  private MappingDatabase database;
  private BindingStore bindings;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    bindings = new BindingStore(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void findsABindingByMailboxInAnyCaseAndByInbox() {
    var hosted = new Binding.Hosted(BOB, inbox(1), 0, T0);
    bindings.add(hosted);

    assertEquals(Optional.of(hosted), bindings.find(mailbox("BOB@Example.org")));
    assertEquals(Optional.of(hosted), bindings.find(inbox(1)));
    assertEquals(Optional.empty(), bindings.find(EVE));
    assertEquals(Optional.empty(), bindings.find(inbox(2)));
  }

  @Test
  void keepsAllThreeKindsAsTheyAre() {
    var all =
        List.of(
            new Binding.Attached(mailbox("a@example.org"), inbox(1), T0),
            new Binding.Forwarded(
                mailbox("b@bridge.example"), Peer.parse("0x" + "ab".repeat(20)).orElseThrow(), T0),
            new Binding.Forwarded(
                mailbox("c@bridge.example"), Peer.parse("ab".repeat(32)).orElseThrow(), T0),
            new Binding.Hosted(mailbox("d@example.org"), inbox(2), 5, T0));

    all.forEach(bindings::add);

    assertEquals(all, bindings.list());
  }

  @Test
  void theBindingThatIsThereStands() {
    var first = new Binding.Hosted(BOB, inbox(1), 0, T0);
    bindings.add(first);

    assertEquals(first, bindings.add(new Binding.Hosted(BOB, inbox(2), 1, T0)));
    assertEquals(List.of(first), bindings.list());
  }

  @Test
  void twoMailboxesNeverShareAnInboxOrAWallet() {
    bindings.add(new Binding.Hosted(BOB, inbox(1), 0, T0));

    assertThrows(JdbiException.class, () -> bindings.add(new Binding.Hosted(EVE, inbox(1), 1, T0)));
    assertThrows(JdbiException.class, () -> bindings.add(new Binding.Hosted(EVE, inbox(2), 0, T0)));
    assertEquals(1, bindings.list().size());
  }

  @Test
  void walletsAreGivenOutFromZeroWithoutGapsAndOncePerPerson() {
    assertEquals(0, bindings.claimWallet(BOB));
    assertEquals(1, bindings.claimWallet(EVE));
    assertEquals(0, bindings.claimWallet(mailbox("Bob@example.org")));
    assertEquals(2, bindings.claimWallet(mailbox("carol@example.org")));
  }

  @Test
  void aWalletIsNeverGivenToSomebodyElse() {
    bindings.add(new Binding.Hosted(BOB, inbox(1), bindings.claimWallet(BOB), T0));

    assertTrue(bindings.remove(BOB));
    assertFalse(bindings.remove(BOB));

    assertEquals(Optional.empty(), bindings.find(BOB));
    assertEquals(1, bindings.claimWallet(EVE));
    assertEquals(0, bindings.claimWallet(BOB));
  }

  @Test
  void aClaimWhoseTransactionFailsIsFreeAgain() {
    assertThrows(
        MappingDatabase.Crash.class,
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      bindings.claimWallet(handle, BOB);
                      throw new MappingDatabase.Crash();
                    }));

    assertEquals(0, bindings.claimWallet(EVE));
  }

  @Test
  void personsWhoWriteAtOnceGetWalletsOfTheirOwn() throws Exception {
    int persons = 4;
    var start = new CountDownLatch(1);
    var threads = Executors.newFixedThreadPool(persons);
    try {
      var claims = new ArrayList<Future<Long>>();
      for (int i = 0; i < persons; i++) {
        var person = mailbox("p" + i + "@example.org");
        Callable<Long> claim =
            () -> {
              start.await();
              return bindings.claimWallet(person);
            };
        claims.add(threads.submit(claim));
      }
      start.countDown();

      var indices = new ArrayList<Long>();
      for (var claim : claims) {
        indices.add(claim.get());
      }
      assertEquals(
          IntStream.range(0, persons).mapToObj(Long::valueOf).toList(),
          indices.stream().sorted().toList());
    } finally {
      threads.shutdownNow();
    }
  }
}
