package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ReceiverLimitsTest {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;

  @Test
  void aClientThatSaysNothingIsToldAndLeft() throws Exception {
    try (var server =
            TestServer.open(folder, settings -> settings.withTimeouts(SHORT, LONG, LONG));
        var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      client.expect("421 4.4.2");
      client.expectClosed();
    }
  }

  @Test
  void aLineThatComesInDribsIsNotWaitedForForEver() throws Exception {
    try (var server =
            TestServer.open(folder, settings -> settings.withTimeouts(SHORT, LONG, LONG));
        var client = ScriptedClient.connect(server.port())) {
      assertThat(dribble(client, "O")).contains("421 4.4.2");
    }
  }

  @Test
  void aMailThatComesInDribsIsNotWaitedForForEver() throws Exception {
    try (var server =
            TestServer.open(folder, settings -> settings.withTimeouts(LONG, SHORT, LONG));
        var client = ScriptedClient.inData(server.port())) {
      assertThat(dribble(client, "x\r\n")).contains("421 4.4.2");
      assertThat(server.mails()).isEmpty();
    }
    assertThat(folder.resolve("incoming")).isEmptyDirectory();
  }

  @Test
  void aSessionHasAnEndHoweverBusyItIs() throws Exception {
    try (var server =
            TestServer.open(folder, settings -> settings.withTimeouts(LONG, LONG, SHORT));
        var client = ScriptedClient.connect(server.port())) {
      assertThat(dribble(client, "NOOP\r\n")).contains("250 2.0.0", "421 4.4.2");
    }
  }

  @Test
  void aClientThatFloodsAndNeverReadsIsCut() throws Exception {
    try (var server =
            TestServer.open(
                folder,
                settings ->
                    settings.withTimeouts(SHORT, LONG, LONG).withClientLimits(1, 1, 1_000));
        var deaf = ScriptedClient.connect(server.port())) {
      var flood =
          CompletableFuture.runAsync(
              () -> {
                try {
                  while (true) {
                    deaf.raw("HELP\r\n".repeat(1_000));
                  }
                } catch (IOException cut) {
                  // What the test waits for.
                }
              });

      flood.get(60, TimeUnit.SECONDS);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                try (var next = ScriptedClient.connect(server.port())) {
                  return next.reply().startsWith("220 ");
                }
              });
    }
  }

  @Test
  void sessionsOfOneAddressAreCounted() throws Exception {
    try (var server =
        TestServer.open(folder, settings -> settings.withClientLimits(10, 2, 1_000))) {
      try (var first = ScriptedClient.introduced(server.port());
          var second = ScriptedClient.introduced(server.port());
          var third = ScriptedClient.connect(server.port())) {
        third.expect("421 4.7.0");
        third.expectClosed();
        first.ask("QUIT", "221");
        second.ask("NOOP", "250");
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                try (var next = ScriptedClient.connect(server.port())) {
                  return next.reply().startsWith("220 ");
                }
              });
    }
  }

  @Test
  void mailsOfOneAddressAreCounted() throws Exception {
    try (var server = TestServer.open(folder, settings -> settings.withClientLimits(10, 10, 1));
        var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RSET", "250");
      client.ask("MAIL FROM:<bob@example.org>", "450 4.7.1");
      client.ask("RCPT TO:<alice@bridge.example>", "503");
    }
  }

  @Test
  void closingLetsAnArrivingMailFinishAndSaysGoodbyeToTheOthers() throws Exception {
    var judged = new CountDownLatch(1);
    var mayGoOn = new CountDownLatch(1);
    MailJudge slow =
        mail -> {
          judged.countDown();
          try {
            assertTrue(mayGoOn.await(30, TimeUnit.SECONDS));
          } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
          }
          return MailJudge.takingAll().judge(mail);
        };
    try (var server = TestServer.open(folder, TestServer.settings(), slow);
        var idle = ScriptedClient.introduced(server.port());
        var busy = ScriptedClient.inData(server.port())) {
      int port = server.port();
      busy.raw("\r\nhi\r\n.\r\n");
      assertTrue(judged.await(30, TimeUnit.SECONDS));

      var closed =
          CompletableFuture.runAsync(
              () -> {
                try {
                  server.receiver.close();
                } catch (IOException failed) {
                  throw new java.io.UncheckedIOException(failed);
                }
              });

      idle.expect("421 4.3.2");
      idle.expectClosed();
      mayGoOn.countDown();
      busy.expect("250 2.0.0");
      busy.expect("421 4.3.2");
      closed.get(60, TimeUnit.SECONDS);
      assertEquals(1, server.mails().size());
      assertThrows(IOException.class, () -> ScriptedClient.connect(port).close());
    }
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        var spool = Spool.open(folder, java.time.Clock.systemUTC())) {
      var settings = SmtpSettings.of("127.0.0.1:" + taken.getLocalPort(), "mx.bridge.example");
      var reception =
          new Reception(
              (recipient, soFar) -> new RecipientCheck.Served(),
              MailJudge.takingAll(),
              new LoopCheck(new ArrayList<>()),
              spool);

      var refused =
          assertThrows(
              IOException.class, () -> SmtpReceiver.open(settings, reception, Runnable::run));

      assertThat(refused).hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
    }
  }

  /** Goes on sending until the server closes; what it said last. */
  private static String dribble(ScriptedClient client, String octets) throws Exception {
    var answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return client.rest();
              } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
              }
            });
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              try {
                client.raw(octets);
              } catch (SocketException closed) {
                return true;
              }
              return answer.isDone();
            });
    return answer.get(30, TimeUnit.SECONDS);
  }
}
