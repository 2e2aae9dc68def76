package io.postern.node.interop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * One process of the official client, driven by lines of JSON ({@code interop/peer.mjs}). It holds
 * any number of clients; make them with {@link PeerClient#create}. Every wait ends: with an answer,
 * with the end of the process, or after {@link #PATIENCE}. Safe for use by several threads.
 */
public final class Peer implements AutoCloseable {
  /** Longest wait for one answer or event. */
  public static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final int MAX_TAIL = 8_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Sdk sdk;
  private final Process process;
  private final Writer commands;
  private final AtomicLong lastId = new AtomicLong();
  private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final List<JsonNode> events = new LinkedList<>(); // its own lock
  private boolean over; // guarded by events
  private final StringBuffer tail = new StringBuffer();

  private Peer(Sdk sdk, Process process) {
    this.sdk = sdk;
    this.process = process;
    this.commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /**
   * Starts a process and waits until it listens. Skips the running test if the client is not
   * installed.
   *
   * @throws PeerException if it does not start
   */
  public static Peer start(Sdk sdk) throws PeerException {
    return start(sdk, Map.of());
  }

  /** As {@link #start(Sdk)}, with more variables in the environment of the process. */
  public static Peer start(Sdk sdk, Map<String, String> environment) throws PeerException {
    var folder = sdk.require();
    // peer.mjs is one file, linked into the folder of each release: so it finds the packages of
    // that release.
    var builder =
        new ProcessBuilder("node", "--preserve-symlinks", "--preserve-symlinks-main", "peer.mjs")
            .directory(folder.toFile());
    builder.environment().putAll(environment);
    try {
      var peer = new Peer(sdk, builder.start());
      peer.read(
          "peer-" + sdk, peer.process.inputReader(StandardCharsets.UTF_8)::readLine, peer::answer);
      peer.read(
          "peer-errors-" + sdk,
          peer.process.errorReader(StandardCharsets.UTF_8)::readLine,
          peer::remember);
      peer.event(event -> event.path("event").asText().equals("ready"));
      return peer;
    } catch (IOException e) {
      throw new PeerException("node does not start: " + e.getMessage());
    }
  }

  public Sdk sdk() {
    return sdk;
  }

  /**
   * Runs a command and waits for its result.
   *
   * @throws PeerException if the client refuses, the process ends, or the answer does not come in
   *     time
   */
  public JsonNode call(String command, Map<String, ?> fields) throws PeerException {
    return await(send(command, fields));
  }

  /** Runs a command. The future ends with its result or with a {@link PeerException}. */
  public CompletableFuture<JsonNode> send(String command, Map<String, ?> fields) {
    var id = lastId.incrementAndGet();
    var line = new LinkedHashMap<String, Object>(fields);
    line.put("id", id);
    line.put("cmd", command);
    var answer = new CompletableFuture<JsonNode>();
    waiting.put(id, answer);
    try {
      write(JSON.writeValueAsString(line));
    } catch (IOException e) {
      waiting.remove(id);
      answer.completeExceptionally(ended(e.getMessage()));
    }
    return answer;
  }

  /**
   * Waits for what {@link #send} returned.
   *
   * @throws PeerException as {@link #call}
   */
  public JsonNode await(CompletableFuture<JsonNode> answer) throws PeerException {
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PeerException refused) {
        throw refused;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new PeerException(sdk + " did not answer within " + PATIENCE + tailText());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerException("interrupted");
    }
  }

  /**
   * Takes the oldest event that fits, waiting for it if need be; the others stay for whoever waits
   * for them.
   *
   * @throws PeerException if none comes in time, or the process ends first
   */
  public JsonNode event(Predicate<JsonNode> fits) throws PeerException {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (events) {
      while (true) {
        for (var each = events.iterator(); each.hasNext(); ) {
          var event = each.next();
          if (fits.test(event)) {
            each.remove();
            return event;
          }
        }
        var left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (over) {
          throw ended("its process is over");
        }
        if (left <= 0) {
          throw new PeerException(sdk + " told no such event within " + PATIENCE + tailText());
        }
        try {
          events.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new PeerException("interrupted");
        }
      }
    }
  }

  /** Ends the standard input, upon which the process ends; stops it if it does not. */
  @Override
  public void close() {
    try {
      synchronized (commands) {
        commands.close();
      }
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroy();
      }
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly(); // its input is broken: it cannot be told to end
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void write(String line) throws IOException {
    synchronized (commands) {
      commands.write(line);
      commands.write('\n');
      commands.flush();
    }
  }

  private interface Lines {
    String next() throws IOException;
  }

  private interface LineReader {
    void take(String line);
  }

  private void read(String name, Lines lines, LineReader reader) {
    var thread =
        new Thread(
            () -> {
              try {
                for (var line = lines.next(); line != null; line = lines.next()) {
                  reader.take(line);
                }
              } catch (IOException e) {
                remember(e.toString());
              }
              over();
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  private void over() {
    synchronized (events) {
      over = true;
      events.notifyAll();
    }
    waiting.values().forEach(answer -> answer.completeExceptionally(ended("its process is over")));
  }

  private void answer(String line) {
    JsonNode json;
    try {
      json = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      remember(line); // a log line of the client
      return;
    }
    var answer = waiting.remove(json.path("id").asLong());
    if (answer == null) {
      synchronized (events) {
        events.add(json);
        events.notifyAll();
      }
    } else if (json.path("ok").asBoolean()) {
      answer.complete(json.path("result"));
    } else {
      answer.completeExceptionally(new PeerException(json.path("error").asText()));
    }
  }

  private void remember(String line) {
    tail.append(line).append('\n');
    if (tail.length() > MAX_TAIL) {
      tail.delete(0, tail.length() - MAX_TAIL);
    }
  }

  private PeerException ended(String why) {
    return new PeerException(sdk + " ended: " + why + tailText());
  }

  private String tailText() {
    return tail.length() == 0 ? "" : "; it said last:\n" + tail;
  }
}
