package io.postern.mail.auth;

import java.net.InetAddress;
import java.util.List;

/**
 * The port by which the authentication of mail asks the DNS. Implementations follow aliases, bound
 * the time of each question and may be used by several threads.
 *
 * <p>Names are in ASCII, without the last dot. A name that cannot exist (a label of more than 63
 * octets, say) has no records: it is answered like one that does not exist.
 */
public interface Dns {
  /** Records of type A. */
  Answer<InetAddress> a(String name) throws DnsException;

  /** Records of type AAAA. */
  Answer<InetAddress> aaaa(String name) throws DnsException;

  /** Records of type MX, the preferred first. */
  Answer<Mx> mx(String name) throws DnsException;

  /** Records of type TXT; the strings of each are joined, and each octet is a char up to U+00FF. */
  Answer<String> txt(String name) throws DnsException;

  /** Names that the address is said to have: records of type PTR below {@code arpa}. */
  Answer<String> ptr(InetAddress address) throws DnsException;

  /**
   * What the DNS knows.
   *
   * @param records in no particular order unless it is said above; none if there are none
   * @param nameExists false if the name does not exist with any type (NXDOMAIN); records are empty
   *     then
   * @param authentic whether the resolver has validated the answer, also that of no records, by
   *     DNSSEC
   */
  record Answer<T>(List<T> records, boolean nameExists, boolean authentic) {
    public Answer {
      records = List.copyOf(records);
      if (!nameExists && !records.isEmpty()) {
        throw new IllegalArgumentException("records of a name that does not exist");
      }
    }

    /** An answer that DNSSEC does not vouch for. */
    public static <T> Answer<T> of(List<T> records) {
      return new Answer<>(records, true, false);
    }

    /** The name exists with other types, if at all as far as is known. */
    public static <T> Answer<T> none() {
      return of(List.of());
    }

    /** NXDOMAIN. */
    public static <T> Answer<T> noSuchName() {
      return new Answer<>(List.of(), false, false);
    }
  }

  /**
   * One of the hosts that take mail for a domain.
   *
   * @param preference lower comes first
   * @param host without the last dot; empty for the null MX of RFC 7505
   */
  record Mx(int preference, String host) {}
}
