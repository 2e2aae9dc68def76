package io.postern.bridge.web;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An SMTP server on the loopback that says the same to every client and writes down what was said
 * to it. RFC 5321 §3.3.
 */
final class ScriptedSmtp implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final ServerSocket listener;
  private final String last;
  private final List<String> commands = new ArrayList<>();
  private final List<String> mails = new ArrayList<>();
  private final CompletableFuture<Void> closed;

  private ScriptedSmtp(String last) throws IOException {
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.last = last;
    this.closed = CompletableFuture.runAsync(this::serve);
  }

  /**
   * @param last what it says after the final dot
   */
  static ScriptedSmtp answering(String last) throws IOException {
    return new ScriptedSmtp(last);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** All commands of all sessions but QUIT. */
  synchronized List<String> commands() {
    return List.copyOf(commands);
  }

  /** The mails that it was given, lines ended by LF. */
  synchronized List<String> mails() {
    return List.copyOf(mails);
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (var socket = listener.accept()) {
        converse(socket);
      } catch (IOException gone) {
        if (!listener.isClosed()) {
          throw new AssertionError("the client broke off: " + gone, gone);
        }
      }
    }
  }

  private void converse(Socket socket) throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    var in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    say(socket, "220 bridge.example ESMTP");
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("QUIT")) {
        say(socket, "221 2.0.0 bye");
        return;
      }
      note(line);
      if (line.startsWith("EHLO ")) {
        say(socket, "250-bridge.example\r\n250-8BITMIME\r\n250 SMTPUTF8");
      } else if (line.equals("DATA")) {
        say(socket, "354 go on");
        takeMail(in);
        say(socket, last);
      } else {
        say(socket, "250 2.1.0 ok");
      }
    }
  }

  private static void say(Socket socket, String reply) throws IOException {
    socket.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private synchronized void note(String command) {
    commands.add(command);
  }

  private synchronized void takeMail(BufferedReader in) throws IOException {
    var mail = new StringBuilder();
    for (var line = in.readLine(); !line.equals("."); line = in.readLine()) {
      mail.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
    }
    mails.add(mail.toString());
  }

  /** Fails if a client broke off. */
  @Override
  public void close() throws IOException {
    listener.close();
    closed.orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).join();
  }
}
