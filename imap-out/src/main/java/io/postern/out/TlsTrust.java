package io.postern.out;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whose certificates are believed. */
final class TlsTrust {
  private TlsTrust() {}

  /** The Java runtime's certificate authorities; the host's name is checked beside. */
  static SSLContext authorities() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this Java runtime has no TLS", missing);
    }
  }

  /**
   * Everybody's: for {@link TlsMode#OPPORTUNISTIC} alone, where the other choice is no encryption
   * at all (RFC 7435 §3).
   */
  static SSLContext anybody() {
    return of(new Anybody());
  }

  /** Those that a manager of one's own believes. */
  static SSLContext of(X509ExtendedTrustManager manager) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {manager}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this Java runtime has no TLS", missing);
    }
  }

  // Extended: a plain X509TrustManager would get the runtime's algorithm checks on top.
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

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
