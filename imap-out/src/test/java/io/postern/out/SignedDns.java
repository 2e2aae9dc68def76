package io.postern.out;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Address;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.Type;

/**
 * A recursive name server on the loopback with a signed root, {@code example} and {@code
 * signed.example} of its own, and {@code plain.example} that is proved to be unsigned. Signatures
 * and proofs of absence are real; a test may damage single answers.
 */
final class SignedDns implements AutoCloseable {
  private static final long TTL = 300;
  private static final int DAY = 86_400;

  /** What happens to an answer on its way. */
  enum Damage {
    /** A record is exchanged for another, and its signature stays. */
    FORGED,
    /** The signatures are cut off. */
    STRIPPED,
    /** The signature has been good yesterday. */
    EXPIRED,
    /** The records are hidden: the answer is empty, and without proof. */
    HIDDEN,
    /** The signed records of another name are given. */
    SWAPPED,
    /** The server says that it cannot. */
    FAILED
  }

  private record Question(Name name, int type) {}

  private static final class Zone {
    private final Name apex;
    private final Optional<KeyPair> keys;
    private final TreeMap<Name, Map<Integer, RRset>> names = new TreeMap<>();

    Zone(Name apex, boolean isSigned) throws GeneralSecurityException {
      this.apex = apex;
      this.keys = isSigned ? Optional.of(newKeys()) : Optional.empty();
    }

    DNSKEYRecord key() {
      try {
        return new DNSKEYRecord(
            apex,
            DClass.IN,
            TTL,
            DNSKEYRecord.Flags.ZONE_KEY | DNSKEYRecord.Flags.SEP_KEY,
            DNSKEYRecord.Protocol.DNSSEC,
            DNSSEC.Algorithm.ECDSAP256SHA256,
            keys.orElseThrow().getPublic());
      } catch (DNSSEC.DNSSECException broken) {
        throw new IllegalStateException(broken);
      }
    }
  }

  private final DatagramSocket socket;
  private final Map<Name, Zone> zones = new HashMap<>();
  private final Map<Question, Damage> damages = new HashMap<>();
  private final Set<Question> lost = new HashSet<>();
  private final Set<String> asked = new HashSet<>();
  private volatile boolean passesSignatures = true;

  SignedDns() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    try {
      zone(".", true);
      zone("example.", true);
      zone("signed.example.", true);
      zone("plain.example.", false);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
    var thread = new Thread(this::serve, "signed-dns");
    thread.setDaemon(true);
    thread.start();
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private void zone(String apex, boolean isSigned) throws IOException, GeneralSecurityException {
    var zone = new Zone(Name.fromString(apex), isSigned);
    zones.put(zone.apex, zone);
    var host = Name.fromString("ns.example.");
    add(new SOARecord(zone.apex, DClass.IN, TTL, host, host, 1, DAY, DAY, DAY, TTL));
    var ns = new NSRecord(zone.apex, DClass.IN, TTL, host);
    add(ns);
    if (isSigned) {
      add(zone.key());
    }
    if (!zone.apex.equals(Name.root)) {
      var parent = zone(new Name(zone.apex, 1));
      add(parent, ns);
      if (isSigned) {
        add(parent, new DSRecord(zone.apex, DClass.IN, TTL, DNSSEC.Digest.SHA256, zone.key()));
      }
    }
  }

  /** The DS record of the root, as trust anchors are written. */
  String anchor() {
    var ds =
        new DSRecord(Name.root, DClass.IN, TTL, DNSSEC.Digest.SHA256, zones.get(Name.root).key());
    return ". IN DS " + ds.rdataToString();
  }

  SimpleResolver resolver() {
    var resolver =
        new SimpleResolver(new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort()));
    resolver.setTimeout(Duration.ofSeconds(10));
    return resolver;
  }

  /** A DNS that believes this root. */
  DnsJava validating() {
    return DnsJava.validating(resolver(), anchor(), Clock.systemUTC(), Duration.ofSeconds(30));
  }

  SignedDns mx(String domain, int preference, String host) throws IOException {
    return add(new MXRecord(name(domain), DClass.IN, TTL, preference, name(host)));
  }

  SignedDns alias(String name, String target) throws IOException {
    return add(new CNAMERecord(name(name), DClass.IN, TTL, name(target)));
  }

  SignedDns address(String host, String address) throws IOException {
    boolean v6 = address.contains(":");
    var octets = Address.toByteArray(address, v6 ? Address.IPv6 : Address.IPv4);
    return add(
        v6
            ? new AAAARecord(name(host), DClass.IN, TTL, octets)
            : new ARecord(name(host), DClass.IN, TTL, octets));
  }

  SignedDns tlsa(String name, Tlsa tlsa) throws IOException {
    return add(
        new TLSARecord(
            name(name),
            DClass.IN,
            TTL,
            tlsa.usage(),
            tlsa.selector(),
            tlsa.matchingType(),
            tlsa.association()));
  }

  /** Answers to this question arrive damaged. */
  SignedDns damage(String name, int type, Damage damage) throws IOException {
    synchronized (zones) {
      damages.put(new Question(name(name), type), damage);
    }
    return this;
  }

  /** This question gets no answer. */
  void lose(String name, int type) throws IOException {
    synchronized (zones) {
      lost.add(new Question(name(name), type));
    }
  }

  /** Every question gets its answer again. */
  void loseNothing() {
    synchronized (zones) {
      lost.clear();
    }
  }

  /** From here on it is like a home router: no signature comes through. */
  void passNoSignatures() {
    passesSignatures = false;
  }

  void passSignatures() {
    passesSignatures = true;
  }

  /** Whether somebody has asked: {@code "mx.signed.example TLSA"}. */
  boolean wasAsked(String question) {
    synchronized (zones) {
      return asked.contains(question);
    }
  }

  private SignedDns add(Record each) {
    synchronized (zones) {
      add(zone(each.getName()), each);
    }
    return this;
  }

  private static void add(Zone zone, Record each) {
    zone.names
        .computeIfAbsent(each.getName(), name -> new HashMap<>())
        .computeIfAbsent(each.getType(), type -> new RRset())
        .addRR(each);
  }

  private Zone zone(Name name) {
    var apex = name;
    while (!zones.containsKey(apex)) {
      apex = new Name(apex, 1);
    }
    return zones.get(apex);
  }

  private static Name name(String text) throws IOException {
    return Name.fromString(text, Name.root);
  }

  private void serve() {
    var buffer = new byte[4_096];
    while (!socket.isClosed()) {
      var packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
        var octets = Arrays.copyOf(packet.getData(), packet.getLength());
        var query = new Message(octets);
        byte[] answer;
        synchronized (zones) {
          var question = query.getQuestion();
          if (lost.contains(new Question(question.getName(), question.getType()))) {
            continue;
          }
          answer = answer(query).toWire();
        }
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException closed) {
        socket.close();
      }
    }
  }

  private Message answer(Message query) {
    var question = query.getQuestion();
    var name = question.getName();
    int type = question.getType();
    asked.add(name.toString(true) + " " + Type.string(type));
    var answer = new Message(query.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    // A lie: it has validated nothing.
    answer.getHeader().setFlag(Flags.AD);
    answer.addRecord(question, Section.QUESTION);
    var damage = Optional.ofNullable(damages.get(new Question(name, type)));
    if (damage.equals(Optional.of(Damage.FAILED))) {
      answer.getHeader().setRcode(Rcode.SERVFAIL);
      return answer;
    }
    if (damage.equals(Optional.of(Damage.HIDDEN))) {
      return answer;
    }
    if (damage.equals(Optional.of(Damage.SWAPPED))) {
      var other = zone(name);
      put(answer, other, other.names.get(other.apex).get(Type.SOA), Section.ANSWER, damage);
      return answer;
    }
    // A DS record is the parent's.
    boolean isParents = type == Type.DS && zones.containsKey(name) && !name.equals(Name.root);
    find(answer, isParents ? zone(new Name(name, 1)) : zone(name), name, type, damage);
    return answer;
  }

  private void find(Message answer, Zone zone, Name name, int type, Optional<Damage> damage) {
    var there = zone.names.getOrDefault(name, Map.of());
    if (there.containsKey(type)) {
      put(answer, zone, there.get(type), Section.ANSWER, damage);
      return;
    }
    if (there.containsKey(Type.CNAME)) {
      put(answer, zone, there.get(Type.CNAME), Section.ANSWER, damage);
      var target = ((CNAMERecord) there.get(Type.CNAME).first()).getTarget();
      find(answer, zone(target), target, type, Optional.empty());
      return;
    }
    boolean isAbsent = zone.names.keySet().stream().noneMatch(n -> n.subdomain(name));
    if (isAbsent) {
      answer.getHeader().setRcode(Rcode.NXDOMAIN);
    }
    put(answer, zone, zone.names.get(zone.apex).get(Type.SOA), Section.AUTHORITY, damage);
    if (zone.keys.isPresent()) {
      var proofs = new HashSet<Name>();
      proofs.add(zone.names.floorKey(name));
      if (isAbsent) {
        var encloser = new Name(name, 1);
        while (!isThere(zone, encloser)) {
          encloser = new Name(encloser, 1);
        }
        proofs.add(zone.names.floorKey(Name.fromConstantString("*." + encloser)));
      }
      proofs.forEach(owner -> put(answer, zone, nsec(zone, owner), Section.AUTHORITY, damage));
    }
  }

  private static boolean isThere(Zone zone, Name name) {
    return zone.names.keySet().stream().anyMatch(n -> n.subdomain(name));
  }

  private static RRset nsec(Zone zone, Name owner) {
    var next = Optional.ofNullable(zone.names.higherKey(owner)).orElse(zone.apex);
    var types = new ArrayList<>(zone.names.get(owner).keySet());
    types.add(Type.RRSIG);
    types.add(Type.NSEC);
    return new RRset(
        new NSECRecord(
            owner, DClass.IN, TTL, next, types.stream().mapToInt(Integer::intValue).toArray()));
  }

  private void put(Message answer, Zone zone, RRset set, int section, Optional<Damage> damage) {
    List<Record> records = set.rrs();
    for (var each : records) {
      answer.addRecord(damage.equals(Optional.of(Damage.FORGED)) ? forged(each) : each, section);
    }
    boolean isStripped = damage.equals(Optional.of(Damage.STRIPPED)) || !passesSignatures;
    if (zone.keys.isPresent() && !isStripped) {
      boolean isExpired = damage.equals(Optional.of(Damage.EXPIRED));
      var end = Instant.now().plus(isExpired ? Duration.ofDays(-1) : Duration.ofDays(1));
      try {
        answer.addRecord(
            DNSSEC.sign(
                set,
                zone.key(),
                (ECPrivateKey) zone.keys.get().getPrivate(),
                end.minus(Duration.ofDays(3)),
                end),
            section);
      } catch (DNSSEC.DNSSECException broken) {
        throw new IllegalStateException(broken);
      }
    }
  }

  /** The same with one bit of its value turned. */
  private static Record forged(Record record) {
    var octets = record.rdataToWireCanonical();
    octets[octets.length - 1] ^= 1;
    try {
      return Record.newRecord(
          record.getName(), record.getType(), record.getDClass(), record.getTTL(), octets);
    } catch (RuntimeException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
