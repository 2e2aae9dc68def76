package io.postern.out;

import java.util.List;

/** The port by which {@link MxSender} asks the DNS. RFC 5321 §5. */
public interface MxResolver {
  /**
   * The hosts that take mail for a domain, in the order in which to try them: by preference, those
   * of the same preference shuffled. A domain without MX records is its own host.
   *
   * @param domain in ASCII
   * @return one or more
   * @throws UndeliveredException refused with 5.1.2 if the domain does not exist, with 5.1.10 if it
   *     says that it takes no mail (RFC 7505), both about the recipient; deferred with 4.4.3 if the
   *     DNS does not answer
   */
  List<MailHost> mailHosts(String domain) throws UndeliveredException;

  /**
   * Where a host is.
   *
   * @return with one address or more
   * @throws UndeliveredException refused with 5.1.2 if it has none; deferred with 4.4.3 if the DNS
   *     does not answer
   */
  HostAddresses addresses(String host) throws UndeliveredException;
}
