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
import java.util.function.Function;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Cache;
import org.xbill.DNS.DClass;
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
 * The DNS by dnsjava. Follows aliases, keeps answers as long as their TTL says; DNSSEC is not
 * validated, so no answer is authentic. May be used by several threads.
 */
public final class DnsJava implements Dns {
  private static final int MAX_ALIASES = 8;
  private static final int MAX_KEPT = 50_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final LookupSession session;

  /** Asks the name servers that the operating system names. */
  public static DnsJava ofSystem() {
    var resolver = new ExtendedResolver();
    resolver.setTimeout(TIMEOUT);
    return new DnsJava(resolver);
  }

  /**
   * @param resolver whom to ask; its timeout bounds each question
   */
  public DnsJava(Resolver resolver) {
    var cache = new Cache(DClass.IN);
    cache.setMaxEntries(MAX_KEPT);
    this.session =
        LookupSession.builder().resolver(resolver).cache(cache).maxRedirects(MAX_ALIASES).build();
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
      return ask(Name.fromString(name, Name.root), type, kind, value);
    } catch (TextParseException noName) {
      return Answer.noSuchName(); // By the contract of the port.
    }
  }

  private <R extends Record, T> Answer<T> ask(
      Name name, int type, Class<R> kind, Function<R, T> value) throws DnsException {
    List<Record> records;
    try {
      records = session.lookupAsync(name, type).toCompletableFuture().join().getRecords();
    } catch (CompletionException failed) {
      var cause = failed.getCause();
      if (cause instanceof NoSuchRRSetException) {
        return Answer.none();
      }
      if (cause instanceof NoSuchDomainException) {
        return Answer.noSuchName();
      }
      var why = cause instanceof IOException ? "no answer" : String.valueOf(cause.getMessage());
      throw new DnsException(
          "the DNS cannot say the "
              + Type.string(type)
              + " records of "
              + text(name)
              + ": "
              + ServerReply.clean(why, 200),
          cause);
    }
    return Answer.of(records.stream().filter(kind::isInstance).map(kind::cast).map(value).toList());
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
