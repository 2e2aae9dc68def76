package io.postern.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.interop.OnEachDatabase;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class StoreTransactionTest {
  @TempDir Path folder;
  private MappingDatabase database;
  private final AtomicInteger runs = new AtomicInteger();

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    database.jdbi().useHandle(handle -> insert(handle, 0));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void runsAgainIfAnotherTookTheKeyBetween() {
    int result =
        StoreTransaction.run(
            database.jdbi(),
            handle -> {
              int run = runs.getAndIncrement();
              insert(handle, run);
              return run;
            });

    assertEquals(1, result);
  }

  @Test
  void givesUpWhenTheKeyStaysTaken() {
    assertThrows(
        JdbiException.class,
        () ->
            StoreTransaction.run(
                database.jdbi(),
                handle -> {
                  runs.incrementAndGet();
                  insert(handle, 0);
                  return runs;
                }));

    assertEquals(5, runs.get());
  }

  @Test
  void doesNotRepeatAMistakeOfOurs() {
    assertThrows(
        JdbiException.class,
        () ->
            StoreTransaction.run(
                database.jdbi(),
                handle -> {
                  runs.incrementAndGet();
                  return handle.execute("insert into no_such_table values (1)");
                }));

    assertEquals(1, runs.get());
  }

  private static void insert(Handle handle, int index) {
    handle.execute(
        "insert into wallet_claim (wallet_index, mailbox) values (?, ?)",
        index,
        "p" + index + "@example.org");
  }
}
