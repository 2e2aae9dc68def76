package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A receiver in a process of its own is killed at each step of a mail; then the spool is opened
 * again. Either nobody was answered, or the mail is there.
 */
class SpoolCrashIT {
  private static final int KILLED = 137;

  @TempDir Path folder;

  private static final String SMALL = "Subject: precious\r\n\r\nhello\r\n";
  private static final String LARGE = SMALL + ("x".repeat(1022) + "\r\n").repeat(100);

  @ParameterizedTest
  @EnumSource(
      value = SpoolStep.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"RENAMED", "FOLDER_SYNCED"})
  void losesNoSmallMailThatWasAnswered(SpoolStep step) throws Exception {
    losesNoMailThatWasAnswered(SMALL, step, SpoolStep.WRITTEN);
  }

  @ParameterizedTest
  @EnumSource(SpoolStep.class)
  void losesNoLargeMailThatWasAnswered(SpoolStep step) throws Exception {
    losesNoMailThatWasAnswered(LARGE, step, SpoolStep.RENAMED);
  }

  private void losesNoMailThatWasAnswered(String mail, SpoolStep step, SpoolStep there)
      throws Exception {
    var reply = deliverToAServerThatDiesAt(step, mail);

    assertThat(reply.startsWith("250 ")).isEqualTo(step == SpoolStep.ANSWERED);
    try (var spool = Spool.open(folder, Clock.systemUTC())) {
      var mails = spool.due(Instant.MAX, 10);
      assertEquals(step.compareTo(there) >= 0 ? 1 : 0, mails.size());
      for (var found : mails) {
        assertEquals(mail, new String(found.arrivedOctets(), StandardCharsets.UTF_8));
      }
    }
    assertThat(folder.resolve("incoming")).isEmptyDirectory();
    assertThat(folder.resolve("damaged")).isEmptyDirectory();
  }

  private String deliverToAServerThatDiesAt(SpoolStep step, String mail) throws Exception {
    var server = ChildJvm.start(List.of(), DyingServer.class, folder.toString(), step.name());
    try (var output =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII))) {
      int port = Integer.parseInt(output.readLine());
      var reply = "";
      try (var client = ScriptedClient.introduced(port)) {
        client.send("MAIL FROM:<bob@example.org>");
        client.send("RCPT TO:<alice@bridge.example>");
        client.expect("250 2.1.0");
        client.expect("250 2.1.5");
        client.raw("DATA\r\n");
        if (step != SpoolStep.CREATED) {
          client.expect("354 ");
          client.raw(mail + ".\r\n");
        }
        reply = client.rest();
      }
      assertTrue(server.waitFor(30, TimeUnit.SECONDS));
      assertEquals(KILLED, server.exitValue());
      return reply;
    } finally {
      server.destroyForcibly();
    }
  }

  /** Dies without any farewell, as by {@code kill -9}. */
  static final class DyingServer {
    private DyingServer() {}

    public static void main(String[] args) throws Exception {
      var at = SpoolStep.valueOf(args[1]);
      var spool =
          Spool.open(
              Path.of(args[0]),
              Clock.systemUTC(),
              step -> {
                if (step == at) {
                  Runtime.getRuntime().halt(KILLED);
                }
              });
      var receiver =
          SmtpReceiver.open(
              TestServer.settings(),
              new Reception(
                  (recipient, soFar) -> new RecipientCheck.Served(),
                  MailJudge.takingAll(),
                  new LoopCheck(List.of()),
                  spool),
              Executors.newCachedThreadPool());
      System.out.println(receiver.port());
    }
  }

  @ParameterizedTest
  @EnumSource(Moves.class)
  void everyStateBetweenTheMovesOfADeathIsRead(Moves moves) throws Exception {
    SpoolId id;
    try (var spool = Spool.open(folder, Clock.systemUTC())) {
      try (var incoming = spool.begin()) {
        id =
            incoming.commit(
                io.postern.mail.Envelope.fromNobody(
                    List.of(io.postern.mail.Mailbox.parse("alice@bridge.example"))),
                new io.postern.mail.Received(
                    Instant.EPOCH, "", "", false, io.postern.mail.auth.Verdict.none()));
      }
      spool.defer(id, Instant.EPOCH, "busy");
    }
    var state = folder.resolve("ready").resolve(id + ".state");
    var dead = folder.resolve("dead");
    Files.writeString(
        dead.resolve(id + ".state"), "attempts=1\nat=1970-01-01T00\\:00\\:00Z\nstatus=5.0.0\n");
    if (moves != Moves.STATE_WRITTEN) {
      Files.move(folder.resolve("ready").resolve(id + ".mail"), dead.resolve(id + ".mail"));
    }
    if (moves == Moves.OLD_STATE_DELETED) {
      Files.delete(state);
    }

    try (var spool = Spool.open(folder, Clock.systemUTC())) {
      boolean waits = moves == Moves.STATE_WRITTEN;
      assertEquals(waits ? 1 : 0, spool.due(Instant.MAX, 10).size());
      assertEquals(waits ? 0 : 1, spool.dead().size());
      assertEquals(waits, Files.exists(state));
      assertEquals(!waits, Files.exists(dead.resolve(id + ".state")));
    }
  }

  /** What a death has done when the process is killed. */
  enum Moves {
    STATE_WRITTEN,
    MAIL_MOVED,
    OLD_STATE_DELETED
  }
}
