package io.postern.out;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Address;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

/** A name server on the loopback that knows what a test tells it, and nothing of other names. */
final class TinyDns implements AutoCloseable {
  private static final int TTL = 60;

  private final DatagramSocket socket;
  private final Map<Name, List<Record>> records = new HashMap<>();
  private final Map<Name, Integer> failures = new HashMap<>();
  private final List<Name> silent = new ArrayList<>();

  TinyDns() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    var thread = new Thread(this::serve, "tiny-dns");
    thread.setDaemon(true);
    thread.start();
  }

  SimpleResolver resolver() {
    var address = new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
    var resolver = new SimpleResolver(address);
    resolver.setTimeout(Duration.ofSeconds(10));
    return resolver;
  }

  TinyDns mx(String domain, int preference, String host) throws IOException {
    return add(new MXRecord(name(domain), DClass.IN, TTL, preference, name(host)));
  }

  /**
   * @param strings of one record; chars up to U+00FF stand for octets
   */
  TinyDns txt(String domain, String... strings) throws IOException {
    var octets = new ArrayList<byte[]>();
    for (var string : strings) {
      octets.add(string.getBytes(StandardCharsets.ISO_8859_1));
    }
    return add(TinyText.of(name(domain), TTL, octets));
  }

  TinyDns ptr(String name, String host) throws IOException {
    return add(new PTRRecord(name(name), DClass.IN, TTL, name(host)));
  }

  TinyDns cname(String alias, String target) throws IOException {
    return add(new CNAMERecord(name(alias), DClass.IN, TTL, name(target)));
  }

  TinyDns address(String host, String address) throws IOException {
    boolean v6 = address.contains(":");
    var octets = Address.toByteArray(address, v6 ? Address.IPv6 : Address.IPv4);
    return add(
        v6
            ? new AAAARecord(name(host), DClass.IN, TTL, octets)
            : new ARecord(name(host), DClass.IN, TTL, octets));
  }

  /** The name exists without records. */
  TinyDns empty(String domain) throws IOException {
    synchronized (records) {
      records.put(name(domain), new ArrayList<>());
    }
    return this;
  }

  TinyDns fails(String domain, int rcode) throws IOException {
    synchronized (records) {
      failures.put(name(domain), rcode);
    }
    return this;
  }

  /** Questions for this name are not answered. */
  TinyDns silent(String domain) throws IOException {
    synchronized (records) {
      silent.add(name(domain));
    }
    return this;
  }

  private TinyDns add(Record each) {
    synchronized (records) {
      records.computeIfAbsent(each.getName(), name -> new ArrayList<>()).add(each);
    }
    return this;
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
        var answer = answer(new Message(octets));
        if (answer.length > 0) {
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException closed) {
        socket.close();
      }
    }
  }

  private byte[] answer(Message query) {
    var question = query.getQuestion();
    var answer = new Message(query.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.addRecord(question, Section.QUESTION);
    synchronized (records) {
      var name = question.getName();
      if (silent.contains(name)) {
        return new byte[0];
      }
      if (failures.containsKey(name)) {
        answer.getHeader().setRcode(failures.get(name));
      } else if (!records.containsKey(name)) {
        answer.getHeader().setRcode(Rcode.NXDOMAIN);
      } else {
        for (var each : records.get(name)) {
          if (each.getType() == question.getType() || each instanceof CNAMERecord) {
            answer.addRecord(each, Section.ANSWER);
          }
        }
      }
    }
    return answer.toWire();
  }

  @Override
  public void close() {
    socket.close();
  }
}
