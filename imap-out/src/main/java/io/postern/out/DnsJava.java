package io.postern.out;

import io.postern.mail.auth.DnsException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/**
 * The DNS by dnsjava. Follows aliases. Nothing is kept but the keys of validated zones: strangers
 * choose most of the names, and the name server of the system has a cache. May be used by several
 * threads.
 */
public final class DnsJava implements SecureDns {
  /** Of one try; a question may take several. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Of a question with all its tries and aliases. */
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final DnsLookup lookup;

  /**
   * Asks without DNSSEC: no answer is authentic.
   *
   * @param servers the name servers to ask; none: those that the operating system names
   */
  public static DnsJava plain(List<InetSocketAddress> servers) {
    return new DnsJava(servers(servers), LONGEST);
  }

  /**
   * Validates each answer by DNSSEC itself, from the keys of the root on (RFC 4035 §5). The name
   * servers need not be trusted, but must pass signatures on.
   *
   * @param servers as in {@link #plain}
   */
  static DnsJava validating(List<InetSocketAddress> servers, Clock clock) {
    return validating(servers(servers), RootAnchors.IANA, clock, LONGEST);
  }

  /**
   * The same for a root of one's own.
   *
   * @param anchors DS records of the root, in the form of master files
   */
  static DnsJava validating(Resolver resolver, String anchors, Clock clock, Duration longest) {
    var validating = new ValidatingResolver(resolver, clock);
    try {
      validating.loadTrustAnchors(
          new ByteArrayInputStream(anchors.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException malformed) {
      throw new IllegalArgumentException("trust anchors that are no DS records", malformed);
    }
    return new DnsJava(validating, longest);
  }

  private static Resolver servers(List<InetSocketAddress> servers) {
    var resolver =
        servers.isEmpty()
            ? new ExtendedResolver()
            : new ExtendedResolver(
                servers.stream().map(SimpleResolver::new).toArray(Resolver[]::new));
    resolver.setTimeout(TIMEOUT);
    return resolver;
  }

  /**
   * @param resolver whom to ask
   * @param longest how long one question may take
   */
  DnsJava(Resolver resolver, Duration longest) {
    this.lookup = new DnsLookup(resolver, longest);
  }

  @Override
  public Answer<InetAddress> a(String name) throws DnsException {
    return ask(name, Type.A, ARecord.class, ARecord::getAddress);
  }

  @Override
  public Answer<InetAddress> aaaa(String name) throws DnsException {
    return ask(name, Type.AAAA, AAAARecord.class, AAAARecord::getAddress);
  }

  @Override
  public Answer<Mx> mx(String name) throws DnsException {
    var answer = ask(name, Type.MX, MXRecord.class, DnsJava::mx);
    var sorted = answer.records().stream().sorted(Comparator.comparingInt(Mx::preference)).toList();
    return new Answer<>(sorted, answer.nameExists(), answer.authentic());
  }

  @Override
  public Answer<String> txt(String name) throws DnsException {
    return ask(name, Type.TXT, TXTRecord.class, DnsJava::joined);
  }

  @Override
  public Answer<String> ptr(InetAddress address) throws DnsException {
    var name = text(ReverseMap.fromAddress(address));
    return ask(name, Type.PTR, PTRRecord.class, ptr -> text(ptr.getTarget()));
  }

  /** Records of type NS. */
  Answer<String> ns(String name) throws DnsException {
    return ask(name, Type.NS, NSRecord.class, ns -> text(ns.getTarget()));
  }

  @Override
  public Answer<Tlsa> tlsa(String name) throws DnsException {
    return ask(name, Type.TLSA, TLSARecord.class, DnsJava::tlsa);
  }

  @Override
  public HostAddresses host(String name) throws DnsException {
    var addresses = new ArrayList<InetAddress>();
    Optional<DnsException> failure = Optional.empty();
    var canonical = name;
    boolean authentic = true;
    for (int type : new int[] {Type.AAAA, Type.A}) {
      try {
        var found = found(name, type);
        if (found.isEmpty()) {
          return new HostAddresses(List.of(), name, false);
        }
        authentic &= found.get().authentic();
        canonical = text(found.get().canonicalName());
        found.get().records().forEach(record -> addresses.add(address(record)));
      } catch (DnsException failed) {
        failure = Optional.of(failed);
      }
    }
    if (addresses.isEmpty() && failure.isPresent()) {
      throw failure.get();
    }
    return new HostAddresses(addresses, canonical, authentic);
  }

  private static InetAddress address(Record record) {
    return record instanceof AAAARecord aaaa ? aaaa.getAddress() : ((ARecord) record).getAddress();
  }

  private <R extends Record, T> Answer<T> ask(
      String name, int type, Class<R> kind, Function<R, T> value) throws DnsException {
    var found = found(name, type);
    if (found.isEmpty()) {
      return Answer.noSuchName(); // By the contract of the port.
    }
    var values =
        found.get().records().stream().filter(kind::isInstance).map(kind::cast).map(value).toList();
    return new Answer<>(values, found.get().nameExists(), found.get().authentic());
  }

  /** Empty for what cannot be a name. */
  private Optional<DnsLookup.Found> found(String name, int type) throws DnsException {
    try {
      return Optional.of(lookup.ask(Name.fromString(escaped(name), Name.root), type));
    } catch (TextParseException noName) {
      return Optional.empty();
    }
  }

  /** As master files have it (RFC 1035 §5.1), so that no octet of a name has a second meaning. */
  private static String escaped(String name) {
    var out = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean isPlain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || ".-_".indexOf(c) >= 0;
      out.append(isPlain || c > 0xff ? String.valueOf(c) : String.format("\\%03d", (int) c));
    }
    return out.toString();
  }

  private static Mx mx(MXRecord record) {
    return new Mx(record.getPriority(), text(record.getTarget()));
  }

  private static Tlsa tlsa(TLSARecord record) {
    return new Tlsa(
        record.getCertificateUsage(),
        record.getSelector(),
        record.getMatchingType(),
        record.getCertificateAssociationData());
  }

  /** RFC 7208 §3.3, RFC 6376 §3.6.2.2: the strings follow each other without a space. */
  private static String joined(TXTRecord record) {
    var octets = new ByteArrayOutputStream();
    record.getStringsAsByteArrays().forEach(octets::writeBytes);
    return octets.toString(StandardCharsets.ISO_8859_1);
  }

  private static String text(Name name) {
    return name.equals(Name.root) ? "" : name.toString(true);
  }
}
