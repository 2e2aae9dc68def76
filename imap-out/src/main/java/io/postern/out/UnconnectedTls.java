package io.postern.out;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Gives out unconnected sockets and puts TLS over connected ones. A library that asks for anything
 * else would connect past the limits of the socket that it is to use.
 */
abstract class UnconnectedTls extends SSLSocketFactory {
  private final SSLSocketFactory tls;

  UnconnectedTls(SSLSocketFactory tls) {
    this.tls = tls;
  }

  /** Not connected yet. */
  @Override
  public abstract Socket createSocket() throws IOException;

  @Override
  public final Socket createSocket(Socket plain, String host, int port, boolean autoClose)
      throws IOException {
    return tls.createSocket(plain, host, port, autoClose);
  }

  @Override
  public final Socket createSocket(String host, int port) throws IOException {
    throw unasked();
  }

  @Override
  public final Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unasked();
  }

  @Override
  public final Socket createSocket(InetAddress host, int port) throws IOException {
    throw unasked();
  }

  @Override
  public final Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    throw unasked();
  }

  /** What is said to whoever asks for more. */
  static IOException unasked() {
    return new IOException("only unconnected sockets are made here");
  }

  @Override
  public final String[] getDefaultCipherSuites() {
    return tls.getDefaultCipherSuites();
  }

  @Override
  public final String[] getSupportedCipherSuites() {
    return tls.getSupportedCipherSuites();
  }
}
