package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.DkimSettings;
import io.postern.config.GateSettings;
import io.postern.config.InviteSettings;
import io.postern.config.Mapping;
import io.postern.config.NetworkSettings;
import io.postern.config.Provision;
import io.postern.config.Receipts;
import io.postern.config.StoreSettings;
import io.postern.config.VaultSettings;
import io.postern.config.WebSettings;
import io.postern.node.NodeSettings;
import io.postern.out.Deliver;
import io.postern.smtp.SmtpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The local profile on free ports, with one thing or another changed: a builder. */
final class TestConfig {
  private final Config base;
  private List<String> domains;
  private NodeSettings node;
  private SmtpSettings smtp;
  private WebSettings web;
  private Deliver deliver;
  private Receipts receipts;
  private Optional<Deliver.Imap> receive;
  private StoreSettings store;
  private Provision provision;
  private InviteSettings invite;
  private VaultSettings vault;
  private GateSettings gates;
  private List<Mapping> mappings;
  private List<DkimSettings> keys;

  TestConfig(Path data) {
    this(data, new NetworkSettings.Local());
  }

  TestConfig(Path data, NetworkSettings network) {
    base = TestBridge.config(data, network);
    domains = base.domains();
    node = base.node();
    smtp = base.smtp();
    web = base.web();
    deliver = base.deliver();
    receipts = base.receipts();
    receive = base.receive();
    store = base.store();
    provision = base.provision();
    invite = base.invite();
    vault = base.vault();
    gates = base.gates();
    mappings = base.mappings();
    keys = base.dkim();
  }

  Config get() {
    return new Config(
        domains,
        base.data(),
        base.network(),
        node,
        smtp,
        web,
        deliver,
        receive,
        base.dns(),
        keys,
        base.quiet(),
        base.keepMails(),
        receipts,
        store,
        provision,
        invite,
        base.trustedSealers(),
        vault,
        gates,
        mappings);
  }

  TestConfig smtpPort(int port) {
    smtp = SmtpSettings.of("127.0.0.1:" + port, domains.get(0));
    return this;
  }

  TestConfig smtp(SmtpSettings settings) {
    smtp = settings;
    return this;
  }

  TestConfig webPort(int port) {
    web = new WebSettings(loopback(port));
    return this;
  }

  TestConfig nodePort(int port) {
    node = NodeSettings.of(loopback(port), base.data().resolve("node"));
    return this;
  }

  TestConfig vault(Path keyFile) {
    return vault(new VaultSettings.KeyFile(keyFile, false));
  }

  TestConfig vault(VaultSettings settings) {
    vault = settings;
    return this;
  }

  /** At another domain, and with another way by which mail leaves. */
  TestConfig at(String domain, int smtpPort, Deliver way) {
    domains = List.of(domain);
    deliver = way;
    return smtpPort(smtpPort);
  }

  TestConfig receipts(Receipts carried) {
    receipts = carried;
    return this;
  }

  /** A folder in which everybody's mail arrives. */
  TestConfig receive(Deliver.Imap from) {
    receive = Optional.of(from);
    return this;
  }

  TestConfig store(StoreSettings database) {
    store = database;
    return this;
  }

  TestConfig provision(Provision policy) {
    provision = policy;
    return this;
  }

  TestConfig gates(GateSettings settings) {
    gates = settings;
    return this;
  }

  TestConfig mappings(List<Mapping> rules) {
    mappings = List.copyOf(rules);
    return this;
  }

  TestConfig invite(InviteSettings settings) {
    invite = settings;
    return this;
  }

  TestConfig deliver(Deliver way) {
    deliver = way;
    return this;
  }

  /** How all mail leaves, and the keys with which it is signed. */
  TestConfig deliver(Deliver way, List<DkimSettings> signing) {
    keys = List.copyOf(signing);
    return deliver(way);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
