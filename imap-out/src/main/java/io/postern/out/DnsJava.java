package io.postern.out;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * The DNS by dnsjava. Follows aliases; DNSSEC is not validated, so no answer is authentic. Nothing
 * is kept: strangers choose most of the names, and the name server of the system has a cache. May
 * be used by several threads.
 */
public final class DnsJava implements Dns {
  private static final int MAX_ALIASES = 8;

  /** Of one try; a question may take several. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Of a question with all its tries and aliases. */
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final LookupSession session;
  private final Duration longest;

  /** Asks the name servers that the operating system names. */
  public static DnsJava ofSystem() {
    var resolver = new ExtendedResolver();
    resolver.setTimeout(TIMEOUT);
    return new DnsJava(resolver, LONGEST);
  }

  /**
   * @param resolver whom to ask
   * @param longest how long one question may take
   */
  DnsJava(Resolver resolver, Duration longest) {
    this.session = LookupSession.builder().resolver(resolver).maxRedirects(MAX_ALIASES).build();
    this.longest = longest;
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
    var name = ReverseMap.fromAddress(address);
    return ask(name, Type.PTR, PTRRecord.class, ptr -> text(ptr.getTarget()));
  }

  private <R extends Record, T> Answer<T> ask(
      String name, int type, Class<R> kind, Function<R, T> value) throws DnsException {
    try {
      return ask(Name.fromString(escaped(name), Name.root), type, kind, value);
    } catch (TextParseException noName) {
      return Answer.noSuchName(); // By the contract of the port.
    }
  }

  private <R extends Record, T> Answer<T> ask(
      Name name, int type, Class<R> kind, Function<R, T> value) throws DnsException {
    List<Record> records;
    try {
      records =
          session
              .lookupAsync(name, type)
              .toCompletableFuture()
              .orTimeout(longest.toMillis(), TimeUnit.MILLISECONDS)
              .join()
              .getRecords();
    } catch (CompletionException failed) {
      var cause = failed.getCause();
      if (cause instanceof NoSuchRRSetException) {
        return Answer.none();
      }
      if (cause instanceof NoSuchDomainException) {
        return Answer.noSuchName();
      }
      if (cause instanceof TimeoutException) {
        throw unknown(type, name, "no answer in time", cause);
      }
      var why = cause instanceof IOException ? "no answer" : String.valueOf(cause.getMessage());
      throw unknown(type, name, why, cause);
    }
    return Answer.of(records.stream().filter(kind::isInstance).map(kind::cast).map(value).toList());
  }

  private static DnsException unknown(int type, Name name, String why, Throwable cause) {
    return new DnsException(
        "the DNS cannot say the "
            + Type.string(type)
            + " records of "
            + text(name)
            + ": "
            + ServerReply.clean(why, 200),
        cause);
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
