package io.postern.bridge;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A DNS that knows the records that a test tells it, and no other name. */
final class TestDns implements Dns {
  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private final Map<String, List<InetAddress>> addresses = new ConcurrentHashMap<>();
  private final Map<InetAddress, List<String>> pointers = new ConcurrentHashMap<>();
  private final AtomicInteger questions = new AtomicInteger();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();

  TestDns txt(String name, String record) {
    texts.put(name, record);
    return this;
  }

  /** Records of type A. */
  TestDns a(String name, String... literals) {
    addresses.put(name, Stream.of(literals).map(TestDns::address).toList());
    return this;
  }

  /** Records of type PTR. */
  TestDns ptr(String literal, String... names) {
    pointers.put(address(literal), List.of(names));
    return this;
  }

  /** How often it was asked for addresses. */
  int questions() {
    return questions.get();
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException malformed) {
      throw new IllegalArgumentException(literal, malformed);
    }
  }

  /** Questions for this name are not answered. */
  TestDns silent(String name) {
    silent.add(name);
    return this;
  }

  @Override
  public Answer<String> txt(String name) throws DnsException {
    var key = name.toLowerCase(Locale.ROOT);
    if (silent.contains(key)) {
      throw new DnsException("TXT of " + name + ": no answer");
    }
    var record = texts.get(key);
    return record == null ? Answer.noSuchName() : Answer.of(List.of(record));
  }

  @Override
  public Answer<InetAddress> a(String name) throws DnsException {
    questions.incrementAndGet();
    if (silent.contains(name)) {
      throw new DnsException("A of " + name + ": no answer");
    }
    var records = addresses.get(name);
    return records == null ? Answer.noSuchName() : Answer.of(records);
  }

  @Override
  public Answer<InetAddress> aaaa(String name) {
    return Answer.noSuchName();
  }

  @Override
  public Answer<Mx> mx(String name) {
    return Answer.noSuchName();
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    return Answer.of(pointers.getOrDefault(address, List.of()));
  }
}
