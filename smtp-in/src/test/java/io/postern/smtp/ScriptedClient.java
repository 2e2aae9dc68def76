package io.postern.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client that says exactly what the test says, and reads as a transcript. */
final class ScriptedClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private Socket socket;
  private InputStream in;

  private ScriptedClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  static ScriptedClient connect(int port) throws IOException {
    return new ScriptedClient(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Past the greeting and EHLO. */
  static ScriptedClient introduced(int port) throws IOException {
    var client = connect(port);
    client.expect("220 ");
    client.ask("EHLO client.example", "250");
    return client;
  }

  /** Past 354: the next octets are the mail's. */
  static ScriptedClient inData(int port) throws IOException {
    var client = introduced(port);
    client.ask("MAIL FROM:<bob@example.org>", "250 2.1.0");
    client.ask("RCPT TO:<alice@bridge.example>", "250 2.1.5");
    client.ask("DATA", "354 ");
    return client;
  }

  void send(String line) throws IOException {
    raw(line + "\r\n");
  }

  void raw(String octets) throws IOException {
    raw(octets.getBytes(StandardCharsets.UTF_8));
  }

  void raw(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
    socket.getOutputStream().flush();
  }

  /** One whole reply, its lines joined by line feeds. */
  String reply() throws IOException {
    var reply = new StringBuilder();
    while (true) {
      var line = line();
      assertTrue(line.length() >= 4, "not a reply line: " + line);
      reply.append(reply.length() == 0 ? "" : "\n").append(line);
      if (line.charAt(3) == ' ') {
        return reply.toString();
      }
    }
  }

  String expect(String prefix) throws IOException {
    var reply = reply();
    assertTrue(reply.startsWith(prefix), "expected " + prefix + "…, got " + reply);
    return reply;
  }

  String ask(String line, String prefix) throws IOException {
    send(line);
    return expect(prefix);
  }

  void expectClosed() throws IOException {
    try {
      int octet = in.read();
      assertEquals(-1, octet, "the connection should be closed");
    } catch (SocketException reset) {
      // Closed all the same.
    }
  }

  /** How many bytes come, and what, until the far side closes. */
  String rest() throws IOException {
    var rest = new ByteArrayOutputStream();
    try {
      in.transferTo(rest);
    } catch (SocketException reset) {
      // What came before the reset counts.
    }
    return rest.toString(StandardCharsets.UTF_8);
  }

  void finishSending() throws IOException {
    socket.shutdownOutput();
  }

  void startTls(String... protocols) throws IOException, GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Trusting()}, null);
    var secure =
        (SSLSocket) context.getSocketFactory().createSocket(socket, "mx.bridge.example", 25, true);
    if (protocols.length > 0) {
      secure.setEnabledProtocols(protocols);
    }
    secure.startHandshake();
    socket = secure;
    in = secure.getInputStream();
  }

  String tlsProtocol() {
    return ((SSLSocket) socket).getSession().getProtocol();
  }

  String tlsCipherSuite() {
    return ((SSLSocket) socket).getSession().getCipherSuite();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        fail("closed after \"" + line.toString(StandardCharsets.UTF_8) + "\"");
      }
      if (octet == '\n') {
        var text = line.toString(StandardCharsets.UTF_8);
        assertTrue(text.endsWith("\r"), "a reply line ends in CR LF: " + text);
        return text.substring(0, text.length() - 1);
      }
      line.write(octet);
    }
  }

  /** The certificate is made by the test; that TLS is spoken is what is tested. */
  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
