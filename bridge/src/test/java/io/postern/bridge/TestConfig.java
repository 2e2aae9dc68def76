package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.DkimSettings;
import io.postern.config.GateSettings;
import io.postern.config.Mapping;
import io.postern.config.NetworkSettings;
import io.postern.config.Provision;
import io.postern.config.VaultSettings;
import io.postern.config.WebSettings;
import io.postern.node.NodeSettings;
import io.postern.out.Deliver;
import io.postern.smtp.SmtpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** The local profile on free ports, with one thing or another changed. */
final class TestConfig {
  private final Config config;

  TestConfig(Path data) {
    this(data, new NetworkSettings.Local());
  }

  TestConfig(Path data, NetworkSettings network) {
    this(TestBridge.config(data, network));
  }

  private TestConfig(Config config) {
    this.config = config;
  }

  Config get() {
    return config;
  }

  TestConfig smtpPort(int port) {
    return smtp(SmtpSettings.of("127.0.0.1:" + port, TestBridge.DOMAIN));
  }

  TestConfig smtp(SmtpSettings smtp) {
    return with(config.node(), smtp, config.web(), config.provision(), config.vault());
  }

  TestConfig webPort(int port) {
    var web = new WebSettings(loopback(port));
    return with(config.node(), config.smtp(), web, config.provision(), config.vault());
  }

  TestConfig nodePort(int port) {
    var node = NodeSettings.of(loopback(port), config.data().resolve("node"));
    return with(node, config.smtp(), config.web(), config.provision(), config.vault());
  }

  TestConfig vault(Path keyFile) {
    var vault = new VaultSettings.KeyFile(keyFile, false);
    return with(config.node(), config.smtp(), config.web(), config.provision(), vault);
  }

  TestConfig provision(Provision provision) {
    return with(config.node(), config.smtp(), config.web(), provision, config.vault());
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private TestConfig with(
      NodeSettings node,
      SmtpSettings smtp,
      WebSettings web,
      Provision provision,
      VaultSettings vault) {
    return copy(node, smtp, web, provision, vault, config.gates(), config.mappings());
  }

  TestConfig gates(GateSettings gates) {
    return copy(
        config.node(),
        config.smtp(),
        config.web(),
        config.provision(),
        config.vault(),
        gates,
        config.mappings());
  }

  TestConfig mappings(List<Mapping> mappings) {
    return copy(
        config.node(),
        config.smtp(),
        config.web(),
        config.provision(),
        config.vault(),
        config.gates(),
        mappings);
  }

  /** How all mail leaves, and the keys with which it is signed. */
  TestConfig deliver(Deliver deliver, List<DkimSettings> keys) {
    return copy(
        config.node(),
        config.smtp(),
        config.web(),
        config.provision(),
        config.vault(),
        config.gates(),
        config.mappings(),
        deliver,
        keys);
  }

  private TestConfig copy(
      NodeSettings node,
      SmtpSettings smtp,
      WebSettings web,
      Provision provision,
      VaultSettings vault,
      GateSettings gates,
      List<Mapping> mappings) {
    return copy(
        node, smtp, web, provision, vault, gates, mappings, config.deliver(), config.dkim());
  }

  private TestConfig copy(
      NodeSettings node,
      SmtpSettings smtp,
      WebSettings web,
      Provision provision,
      VaultSettings vault,
      GateSettings gates,
      List<Mapping> mappings,
      Deliver deliver,
      List<DkimSettings> keys) {
    return new TestConfig(
        new Config(
            config.domains(),
            config.data(),
            config.network(),
            node,
            smtp,
            web,
            deliver,
            keys,
            config.quiet(),
            config.store(),
            provision,
            config.invite(),
            config.trustedSealers(),
            vault,
            gates,
            mappings));
  }
}
