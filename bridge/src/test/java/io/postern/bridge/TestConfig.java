package io.postern.bridge;

import io.postern.config.Config;
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
    this(TestBridge.config(data, new NetworkSettings.Local()));
  }

  private TestConfig(Config config) {
    this.config = config;
  }

  Config get() {
    return config;
  }

  TestConfig smtpPort(int port) {
    var smtp = SmtpSettings.of("127.0.0.1:" + port, TestBridge.DOMAIN);
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

  /** At another domain, and with another way by which mail leaves. */
  TestConfig at(String domain, int smtpPort, Deliver deliver) {
    return copy(
        List.of(domain),
        config.node(),
        SmtpSettings.of("127.0.0.1:" + smtpPort, domain),
        config.web(),
        deliver,
        config.provision(),
        config.vault(),
        config.mappings());
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
    return copy(
        config.domains(), node, smtp, web, config.deliver(), provision, vault, config.mappings());
  }

  TestConfig mappings(List<Mapping> mappings) {
    return copy(
        config.domains(),
        config.node(),
        config.smtp(),
        config.web(),
        config.deliver(),
        config.provision(),
        config.vault(),
        mappings);
  }

  private TestConfig copy(
      List<String> domains,
      NodeSettings node,
      SmtpSettings smtp,
      WebSettings web,
      Deliver deliver,
      Provision provision,
      VaultSettings vault,
      List<Mapping> mappings) {
    return new TestConfig(
        new Config(
            domains,
            config.data(),
            config.network(),
            node,
            smtp,
            web,
            deliver,
            config.dkim(),
            config.quiet(),
            config.store(),
            provision,
            config.invite(),
            config.trustedSealers(),
            vault,
            mappings));
  }
}
