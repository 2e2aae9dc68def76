package io.postern.bridge;

import io.postern.config.NetworkSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A daemon in a process of its own that dies, as by {@code kill -9}, when it reaches a checkpoint.
 * Arguments: data folder, network URL, checkpoint or {@code NONE}, and its database.
 */
final class CrashingDaemon {
  static final int CRASHED = 137;

  private CrashingDaemon() {}

  public static void main(String[] arguments) throws Exception {
    var network = new NetworkSettings.At(URI.create(arguments[1]));
    var store = StoreOfTest.of(List.of(arguments).subList(3, arguments.length));
    var config = new TestConfig(Path.of(arguments[0]), network).store(store).get();
    var bridge =
        Bridge.open(
            config,
            Clock.systemUTC(),
            checkpoint -> {
              if (checkpoint.name().equals(arguments[2])) {
                Runtime.getRuntime().halt(CRASHED);
              }
            });
    System.out.println("ready " + bridge.smtpAddress().getPort());
    System.out.flush();
    new CountDownLatch(1).await();
  }
}
