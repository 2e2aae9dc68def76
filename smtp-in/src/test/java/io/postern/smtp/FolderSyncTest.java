package io.postern.smtp;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSyncTest {
  @TempDir Path folder;

  @Test
  void servesManyCallersAtOnce() throws Exception {
    var sync = new FolderSync(folder);
    var threads = Executors.newFixedThreadPool(16);
    try {
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 50; i++) {
              sync.sync();
            }
            return null;
          };
      for (var done : threads.invokeAll(Collections.nCopies(16, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void everyCallerLearnsOfAFailure() throws Exception {
    var sync = new FolderSync(folder.resolve("absent"));
    var threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Void> work =
          () -> {
            assertThrows(IOException.class, sync::sync);
            return null;
          };
      for (var done : threads.invokeAll(Collections.nCopies(20, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
