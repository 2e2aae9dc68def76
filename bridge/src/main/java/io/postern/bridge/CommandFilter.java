package io.postern.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.mail.Mailbox;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge.Taken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program for each mail: it reads one line of JSON about the mail and writes one line of
 * JSON, which begins with what it wants done.
 *
 * <p>Both lines stand in files, not in pipes: whatever the program or its children do, no thread
 * waits for them beyond the time.
 */
final class CommandFilter implements MailFilter {
  private static final int MAX_ANSWER = 64 * 1024;
  private static final int TURN_MILLIS = 20;

  /** What the program gets of our environment, which others may have put secrets into. */
  private static final Set<String> ENVIRONMENT = Set.of("PATH", "LANG", "HOME", "TMPDIR");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> command;
  private final Duration timeout;
  private final Path folder;

  private CommandFilter(List<String> command, Duration timeout, Path folder) {
    this.command = List.copyOf(command);
    this.timeout = timeout;
    this.folder = folder;
  }

  /**
   * @param command the program and its arguments
   * @param folder for its questions and answers; whatever stands there is removed
   */
  static CommandFilter open(List<String> command, Duration timeout, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    try (var left = Files.newDirectoryStream(folder)) {
      for (var file : left) {
        Files.delete(file);
      }
    }
    return new CommandFilter(command, timeout, folder);
  }

  @Override
  public Answer ask(ArrivedMail mail, Taken soFar)
      throws FilterException, IOException, InterruptedException {
    var question = folder.resolve(mail.id() + ".question");
    var answer = folder.resolve(mail.id() + ".answer");
    try {
      Files.write(question, question(mail, soFar));
      run(question, answer);
      return answer(Files.readAllBytes(answer));
    } finally {
      Files.deleteIfExists(question);
      Files.deleteIfExists(answer);
    }
  }

  private static byte[] question(ArrivedMail mail, Taken soFar) throws IOException {
    var received = mail.received();
    var question = JSON.createObjectNode();
    question.put("client", received.clientAddress());
    question.put("helo", received.helo());
    question.put("reversePath", mail.envelope().reversePath().map(Mailbox::toString).orElse(""));
    var recipients = question.putArray("recipients");
    mail.envelope().forwardPaths().forEach(each -> recipients.add(each.toString()));
    question.put("login", mail.login().map(Mailbox::toString).orElse(""));
    question.put("author", soFar.author().map(each -> each.mailbox().toString()).orElse(""));
    question.put("authenticatedDomain", soFar.verdict().authenticatedDomain());
    question.put("results", soFar.verdict().results().strip());
    question.put("octets", mail.size());
    question.put("file", mail.path().toAbsolutePath().toString());
    return (JSON.writeValueAsString(question) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void run(Path question, Path answer)
      throws FilterException, IOException, InterruptedException {
    var process = start(question, answer);
    try {
      long end = System.nanoTime() + timeout.toNanos();
      while (!process.waitFor(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() - end > 0) {
          throw new FilterException(command.get(0) + " did not end in time");
        }
        requireShort(answer);
      }
    } finally {
      end(process);
    }
    requireShort(answer);
    if (process.exitValue() != 0) {
      throw new FilterException(command.get(0) + " ended with status " + process.exitValue());
    }
  }

  private void requireShort(Path answer) throws FilterException, IOException {
    if (Files.size(answer) > MAX_ANSWER) {
      throw new FilterException(command.get(0) + " writes too much");
    }
  }

  private Process start(Path question, Path answer) throws FilterException {
    var builder = new ProcessBuilder(command);
    builder.environment().keySet().retainAll(ENVIRONMENT);
    builder.redirectInput(question.toFile());
    builder.redirectOutput(answer.toFile());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      return builder.start();
    } catch (IOException absent) {
      throw new FilterException(command.get(0) + " cannot be run: " + Words.of(absent));
    }
  }

  /** With all that it has started: those first, for later nobody knows whose they were. */
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private Answer answer(byte[] line) throws FilterException {
    JsonNode said;
    try {
      said = JSON.readTree(line);
    } catch (JsonProcessingException malformed) {
      throw new FilterException(command.get(0) + " wrote no JSON");
    } catch (IOException impossible) {
      throw new IllegalStateException("octets in memory", impossible);
    }
    var words = said.path("words").asText();
    return switch (said.path("action").asText()) {
      case "accept" -> new Answer(Action.ACCEPT, words);
      case "caution" -> new Answer(Action.CAUTION, words);
      case "defer" -> new Answer(Action.DEFER, words);
      case "reject" -> new Answer(Action.REJECT, words);
      default ->
          throw new FilterException(
              command.get(0) + " wrote no action; it is accept, caution, defer or reject");
    };
  }
}
