package io.postern.bridge;

import io.postern.mail.auth.Dns;
import io.postern.mail.auth.DnsException;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A DNS that knows the TXT records that a test tells it, and no other name. */
final class TestDns implements Dns {
  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private final Set<String> silent = ConcurrentHashMap.newKeySet();

  TestDns txt(String name, String record) {
    texts.put(name, record);
    return this;
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
  public Answer<InetAddress> a(String name) {
    return Answer.noSuchName();
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
    return Answer.noSuchName();
  }
}
