package io.postern.mail.auth;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A DNS that knows key records, and counts what it is asked. */
final class KeyZone implements Dns {
  private final Map<String, List<String>> records = new HashMap<>();
  private final Set<String> silent = new HashSet<>();
  private int questions;

  KeyZone with(String name, String record) {
    records.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>()).add(record);
    return this;
  }

  KeyZone silentAt(String name) {
    silent.add(name.toLowerCase(Locale.ROOT));
    return this;
  }

  int questions() {
    return questions;
  }

  @Override
  public Answer<String> txt(String name) throws DnsException {
    questions++;
    var lower = name.toLowerCase(Locale.ROOT);
    if (silent.contains(lower)) {
      throw new DnsException("TXT of " + name + ": no answer");
    }
    return records.containsKey(lower) ? Answer.of(records.get(lower)) : Answer.noSuchName();
  }

  @Override
  public Answer<InetAddress> a(String name) {
    throw new AssertionError("DKIM asks for no address");
  }

  @Override
  public Answer<InetAddress> aaaa(String name) {
    throw new AssertionError("DKIM asks for no address");
  }

  @Override
  public Answer<Mx> mx(String name) {
    throw new AssertionError("DKIM asks for no mail server");
  }

  @Override
  public Answer<String> ptr(InetAddress address) {
    throw new AssertionError("DKIM asks for no name");
  }
}
