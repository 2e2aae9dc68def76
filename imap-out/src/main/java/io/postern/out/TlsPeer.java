package io.postern.out;

import javax.net.ssl.SSLContext;

/**
 * Who must be at the other end of a TLS connection.
 *
 * @param trust which certificates are believed
 * @param name sent as server name (RFC 6066 §3)
 * @param checkName whether the certificate must bear it
 */
record TlsPeer(SSLContext trust, String name, boolean checkName) {
  private static final SSLContext ANYBODY = TlsTrust.anybody();

  static TlsPeer anybody(String name) {
    return new TlsPeer(ANYBODY, name, false);
  }

  static TlsPeer byAuthorities(String name, SSLContext authorities) {
    return new TlsPeer(authorities, name, true);
  }
}
