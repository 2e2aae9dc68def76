package io.postern.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One SMTP session that sends mail after mail, the commands of each in one piece. RFC 2920. */
final class SmtpSession implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final BufferedReader replies;
  private final OutputStream commands;

  SmtpSession(int port) throws IOException, BenchException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    replies =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    commands = socket.getOutputStream();
    expect("220");
    say("EHLO bench.localhost\r\n");
    expect("250");
  }

  /** Returns when the server has said 250 to the whole mail. */
  void send(SampleMail mail) throws IOException, BenchException {
    send(mail.from(), mail.to(), mail.octets());
  }

  /**
   * The same with any mail.
   *
   * @param octets in whole lines, of which none begins with a dot
   */
  void send(String from, String to, byte[] octets) throws IOException, BenchException {
    say("MAIL FROM:<" + from + ">\r\nRCPT TO:<" + to + ">\r\nDATA\r\n");
    expect("250");
    expect("250");
    expect("354");
    commands.write(octets);
    say(".\r\n");
    expect("250");
  }

  private void say(String text) throws IOException {
    commands.write(text.getBytes(StandardCharsets.US_ASCII));
    commands.flush();
  }

  private void expect(String code) throws IOException, BenchException {
    String line;
    do {
      line = replies.readLine();
      if (line == null || !line.startsWith(code)) {
        throw new BenchException("SMTP said " + line + " where " + code + " was expected");
      }
    } while (line.startsWith(code + "-"));
  }

  @Override
  public void close() throws IOException {
    try (socket) {
      say("QUIT\r\n");
    }
  }
}
