package io.postern.mail.auth;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** A DNS of a few names; it remembers what it was asked. */
final class Zone implements Dns {
  private final Map<String, List<String>> records = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> failing = new HashSet<>();
  final List<String> asked = new ArrayList<>();

  /** Adds a record; an MX is {@code "10 host"}. */
  Zone with(String name, String type, String value) {
    records.computeIfAbsent(key(name, type), k -> new ArrayList<>()).add(value);
    names.add(lower(name));
    return this;
  }

  Zone txt(String name, String value) {
    return with(name, "TXT", value);
  }

  /** All questions of this name and type end in trouble. */
  Zone failing(String name, String type) {
    failing.add(key(name, type));
    names.add(lower(name));
    return this;
  }

  @Override
  public Answer<InetAddress> a(String name) throws DnsException {
    return answer(name, "A", Zone::address);
  }

  @Override
  public Answer<InetAddress> aaaa(String name) throws DnsException {
    return answer(name, "AAAA", Zone::address);
  }

  @Override
  public Answer<Mx> mx(String name) throws DnsException {
    return answer(
        name,
        "MX",
        text -> {
          int space = text.indexOf(' ');
          return new Mx(Integer.parseInt(text.substring(0, space)), text.substring(space + 1));
        });
  }

  @Override
  public Answer<String> txt(String name) throws DnsException {
    return answer(name, "TXT", text -> text);
  }

  @Override
  public Answer<String> ptr(InetAddress address) throws DnsException {
    var octets = address.getAddress();
    var labels = List.of(IpNetwork.dotted(octets).split("\\."));
    var reversed = new ArrayList<String>();
    labels.forEach(label -> reversed.add(0, label));
    var suffix = octets.length == 4 ? ".in-addr.arpa" : ".ip6.arpa";
    return answer(String.join(".", reversed) + suffix, "PTR", text -> text);
  }

  private <T> Answer<T> answer(String name, String type, Function<String, T> read)
      throws DnsException {
    asked.add(type + " " + name);
    if (failing.contains(key(name, type))) {
      throw new DnsException(type + " of " + name + ": no answer in time");
    }
    var target = name;
    for (int i = 0; i < 8 && records.containsKey(key(target, "CNAME")); i++) {
      target = records.get(key(target, "CNAME")).get(0);
    }
    if (records.containsKey(key(target, "CNAME"))) {
      throw new DnsException(name + ": aliases go round");
    }
    if (!names.contains(lower(target))) {
      return Answer.noSuchName();
    }
    return Answer.of(
        records.getOrDefault(key(target, type), List.of()).stream().map(read).toList());
  }

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException notAnAddress) {
      throw new IllegalArgumentException(notAnAddress);
    }
  }

  private static String key(String name, String type) {
    return type + " " + lower(name);
  }

  private static String lower(String name) {
    return (name.endsWith(".") ? name.substring(0, name.length() - 1) : name)
        .toLowerCase(Locale.ROOT);
  }
}
