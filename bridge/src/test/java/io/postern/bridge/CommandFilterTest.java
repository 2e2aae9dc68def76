package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.config.FilterSettings;
import io.postern.config.FilterSettings.OnFailure;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mail, and what a small script says of it. */
class CommandFilterTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path folder;

  private GateServer server(Duration timeout, OnFailure onFailure, String... script)
      throws IOException {
    var file = folder.resolve("filter.sh");
    Files.writeString(file, "cd " + folder + "\n" + String.join("\n", script) + "\n");
    var command = List.of("/bin/sh", file.toString(), "--json");
    return server(timeout, onFailure, command);
  }

  private GateServer server(Duration timeout, OnFailure onFailure, List<String> command)
      throws IOException {
    var settings = FilterSettings.of(new FilterSettings.Command(command)).withOnFailure(onFailure);
    var filter = CommandFilter.open(command, timeout, folder.resolve("questions"));
    return new GateServer(folder.resolve("spool"), new FilterGate(filter, settings));
  }

  private Delivery answerTo(String... script) throws IOException {
    try (var server = server(LONG, OnFailure.DEFER, script)) {
      return server.mail("Subject: s", "", "text");
    }
  }

  private void assertNothingIsLeft() throws IOException {
    try (var left = Files.list(folder.resolve("questions"))) {
      assertThat(left).isEmpty();
    }
  }

  private void assertNoAnswer(Delivery delivery) throws IOException {
    assertThat(delivery)
        .isInstanceOfSatisfying(
            Delivery.Deferred.class,
            deferred -> {
              assertThat(deferred.status()).isEqualTo("4.7.1");
              assertThat(deferred.reason()).contains("The mail filter cannot be asked now");
            });
    assertNothingIsLeft();
  }

  @Test
  void isToldAboutTheMailAndCanReadIt() throws Exception {
    try (var server =
        server(
            LONG,
            OnFailure.DEFER,
            "IFS= read -r line",
            "printf '%s' \"$line\" > question",
            "cat \"$(printf '%s' \"$line\" | sed 's/.*\"file\":\"\\([^\"]*\\)\".*/\\1/')\" > mail",
            "printf '%s' \"$1\" > argument",
            "env > environment",
            "echo '{\"action\": \"accept\"}'")) {
      var both = List.of(GateServer.ALICE, new Mailbox("j\u00f6rg \"x\"", "bridge.example"));
      assertThat(server.mail(Envelope.of(GateServer.BOB, both), "Subject: s", "", "text"))
          .isInstanceOf(Delivery.Delivered.class);
    }

    var question = new ObjectMapper().readTree(Files.readString(folder.resolve("question")));
    assertThat(question.path("client").asText()).isEqualTo("127.0.0.1");
    assertThat(question.path("helo").asText()).isEqualTo("client.example.org");
    assertThat(question.path("reversePath").asText()).isEqualTo("bob@example.org");
    assertThat(question.path("recipients").get(1).asText())
        .isEqualTo("\"j\u00f6rg \\\"x\\\"\"@bridge.example");
    assertThat(question.path("author").asText()).isEqualTo("bob@example.org");
    assertThat(question.path("authenticatedDomain").asText()).isEqualTo("example.org");
    assertThat(question.path("octets").asLong()).isEqualTo(20);
    assertThat(Files.readString(folder.resolve("mail")))
        .startsWith("Received: ")
        .endsWith("\r\nSubject: s\r\n\r\ntext\r\n");
    assertThat(Files.readString(folder.resolve("argument"))).isEqualTo("--json");
    assertThat(Files.readAllLines(folder.resolve("environment")))
        .allMatch(line -> line.matches("(PATH|LANG|HOME|TMPDIR|PWD|OLDPWD|SHLVL|_)=.*"));
    assertNothingIsLeft();
  }

  @Test
  void mayRefuse() throws Exception {
    assertThat(answerTo("printf '%s' '{\"action\": \"reject\", \"words\": \"Not \\r\\nhere\"}'"))
        .isInstanceOfSatisfying(
            Delivery.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo("5.7.1");
              assertThat(refused.advice()).contains("Not here");
            });
  }

  @Test
  void mayPutOff() throws Exception {
    assertThat(answerTo("echo '{\"action\": \"defer\"}'"))
        .isInstanceOfSatisfying(
            Delivery.Deferred.class,
            deferred -> assertThat(deferred.reason()).contains("Not now; try again later"));
  }

  @Test
  void mayWarn() throws Exception {
    try (var server =
        server(LONG, OnFailure.DEFER, "echo '{\"action\": \"caution\", \"words\": \"Odd\"}'")) {
      server.mail("Subject: s", "");

      assertThat(server.verdict().caution()).isEqualTo("⚠ Odd");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exit 0",
        "exit 1",
        "echo '{\"action\": \"accept\"}'; exit 3",
        "echo accept",
        "echo '{\"action\": \"drop\"}'",
        "echo '[1]'",
        "kill -9 $$",
      })
  void whatCannotBeUnderstoodIsNoAnswer(String script) throws Exception {
    assertNoAnswer(answerTo(script));
  }

  @Test
  void aProgramThatIsNotThereIsNoAnswer() throws Exception {
    try (var server = server(LONG, OnFailure.DEFER, List.of("/nonexistent/filter"))) {
      assertNoAnswer(server.mail("Subject: s", ""));
    }
  }

  @Test
  void whereTheOperatorWantsItMailIsTakenWithoutTheFilter() throws Exception {
    try (var server = server(LONG, OnFailure.ACCEPT, "exit 1")) {
      assertThat(server.mail("Subject: s", "")).isInstanceOf(Delivery.Delivered.class);
    }
  }

  @Test
  void aProgramThatDoesNotEndIsEndedWithItsChildren() throws Exception {
    try (var server =
        server(
            Duration.ofSeconds(2),
            OnFailure.DEFER,
            "sleep 1000 & echo $! > child",
            "echo $$ > parent",
            "echo '{\"action\": \"accept\"}'",
            "sleep 1000")) {
      assertNoAnswer(server.mail("Subject: s", ""));
    }

    for (var name : List.of("parent", "child")) {
      long pid = Long.parseLong(Files.readString(folder.resolve(name)).strip());
      await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }
  }

  @Test
  void aProgramThatWritesWithoutEndIsEnded() throws Exception {
    assertNoAnswer(answerTo("exec yes"));
  }

  @Test
  void whatACrashHasLeftIsRemoved() throws Exception {
    Files.createDirectories(folder.resolve("questions"));
    Files.writeString(folder.resolve("questions").resolve("01.question"), "{}");

    CommandFilter.open(List.of("x"), LONG, folder.resolve("questions"));

    assertNothingIsLeft();
  }
}
