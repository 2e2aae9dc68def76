package io.postern.out;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;

/**
 * A DNS whose answers say truly whether DNSSEC vouches for them (RFC 4035 §4.3: secure). What is
 * signed and does not verify is no answer but a {@link DnsException}, like that of a server that
 * fails: nobody can make a signed record disappear.
 */
public interface SecureDns extends Dns {
  /** Records of type TLSA, RFC 6698. */
  Answer<Tlsa> tlsa(String name) throws DnsException;

  /**
   * Records of types AAAA and A. One answer that cannot be had is passed over as long as the other
   * names an address. Authentic only if each answer that came is; one that did not come changes
   * nothing, since whoever keeps it from us would else take the host's DANE away (RFC 7672 §2.1.3).
   */
  HostAddresses host(String name) throws DnsException;
}
