package io.postern.smtp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WireTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(1);

  private ServerSocket listener;
  private Socket far;
  private Wire wire;

  @BeforeEach
  void connect() throws Exception {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    far = new Socket(listener.getInetAddress(), listener.getLocalPort());
    wire = new Wire(listener.accept(), TestServer.settings().withTimeouts(SHORT, LONG, LONG));
  }

  @AfterEach
  void close() throws Exception {
    wire.abort();
    far.close();
    listener.close();
  }

  @Test
  void gathersRepliesUntilItHasToWait() throws Exception {
    say("ONE\r\nTWO\r\n");
    assertEquals("ONE", wire.line());

    wire.send(SmtpReply.of(250, "2.0.0", "one"));
    assertEquals("TWO", wire.line());
    wire.send(SmtpReply.of(250, "2.0.0", "two"));
    assertEquals(0, far.getInputStream().available());

    assertThrows(SocketTimeoutException.class, wire::line);
    assertEquals(
        "250 2.0.0 one\r\n250 2.0.0 two\r\n",
        new String(far.getInputStream().readNBytes(30), StandardCharsets.US_ASCII));
  }

  @Test
  void aFarSideThatReadsNothingIsNoticedAndCanBeCut() throws Exception {
    var talk =
        CompletableFuture.runAsync(
            () -> {
              try {
                while (true) {
                  wire.send(SmtpReply.of(250, "2.0.0", "x".repeat(400)));
                }
              } catch (IOException cut) {
                // What the test waits for.
              }
            });

    await().atMost(Duration.ofSeconds(60)).until(wire::isOverdue);
    assertFalse(talk.isDone());
    wire.abort();

    talk.get(30, TimeUnit.SECONDS);
    assertFalse(wire.isOverdue());
  }

  @Test
  void wakesAWaitForACommandOnly() throws Exception {
    wire.wake();
    say("NOOP\r\n");
    assertEquals("NOOP", wire.line());

    var patient = new Wire(accepted(), TestServer.settings().withTimeouts(LONG, LONG, LONG));
    var waiting =
        CompletableFuture.supplyAsync(() -> assertThrows(EOFException.class, patient::line));
    await()
        .until(
            () -> {
              patient.wake();
              return waiting.isDone();
            });
    assertTrue(waiting.get().getMessage().contains("closed"));
    patient.abort();
  }

  @Test
  void tellsWhetherMoreHasBeenSent() throws Exception {
    say("ONE\r\n");
    assertEquals("ONE", wire.line());
    assertFalse(wire.hasMore());

    say("TWO\r\n");
    await().until(wire::hasMore);
  }

  private Socket accepted() throws IOException {
    far.close();
    far = new Socket(listener.getInetAddress(), listener.getLocalPort());
    return listener.accept();
  }

  private void say(String text) throws IOException {
    far.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
