package io.postern.smtp;

import io.postern.mail.Mailbox;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * The far end of a session, as far as it has introduced itself.
 *
 * @param helo what it called itself, checked for harmless characters; empty before EHLO or HELO
 * @param extended whether it said EHLO
 * @param tls protocol and cipher suite, if the connection is encrypted
 * @param login the address as which it has logged in
 */
record SmtpClient(
    InetAddress address,
    String helo,
    boolean extended,
    Optional<String> tls,
    Optional<Mailbox> login) {
  static SmtpClient at(InetAddress address) {
    return new SmtpClient(address, "", false, Optional.empty(), Optional.empty());
  }

  SmtpClient introduced(String name, boolean extended) {
    return new SmtpClient(address, name, extended, tls, login);
  }

  /** Over TLS, with all forgotten that was said before. RFC 3207 §4.2. */
  SmtpClient encrypted(String protocolAndCipher) {
    return new SmtpClient(address, "", false, Optional.of(protocolAndCipher), Optional.empty());
  }

  SmtpClient loggedIn(Mailbox asWhom) {
    return new SmtpClient(address, helo, extended, tls, Optional.of(asWhom));
  }

  boolean isIntroduced() {
    return !helo.isEmpty();
  }

  /** The address literal of RFC 5321 §4.1.3. */
  String literal() {
    return address instanceof Inet6Address
        ? "[IPv6:" + addressText() + "]"
        : "[" + addressText() + "]";
  }

  /** The IP address without brackets and scope. */
  String addressText() {
    var text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }
}
