package io.postern.config;

import io.postern.mapping.Quiet;
import io.postern.node.NodeSettings;
import io.postern.node.Retention;
import io.postern.out.Deliver;
import io.postern.smtp.SmtpSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the configuration: whole, or not at all. design.md §3.
 *
 * <p>It reads one file and nothing else: no environment, no other file that a setting names, no
 * network. So a changed file can be read beside a running daemon, and taken over only if it is
 * right.
 */
public final class ConfigReader {
  private static final String FIRST_SETTING = "write domains: [bridge.example], or network: local";

  private final Problems problems;

  private ConfigReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it cannot be read, or if anything in it is wrong; it names all
   *     mistakes
   */
  public static Config read(Path file) throws ConfigException {
    var problems = new Problems(String.valueOf(file.getFileName()));
    try {
      if (Files.size(file) > YamlFile.MAX_CHARACTERS) {
        problems.add(0, "is larger than any configuration; is it the right file?");
        throw problems.exception();
      }
      return read(problems, Files.readString(file));
    } catch (NoSuchFileException missing) {
      problems.add(0, "is not there; begin with a copy of config/postern.example.yml");
    } catch (CharacterCodingException malformed) {
      problems.add(0, "is not UTF-8; save it as UTF-8");
    } catch (IOException unreadable) {
      problems.add(0, "cannot be read: " + Values.cleaned(String.valueOf(unreadable.getMessage())));
    }
    throw problems.exception();
  }

  /**
   * Reads the text of a file.
   *
   * @param name of the file, for messages
   * @throws ConfigException if anything in it is wrong; it names all mistakes
   */
  public static Config read(String name, String text) throws ConfigException {
    return read(new Problems(name), text);
  }

  private static Config read(Problems problems, String text) throws ConfigException {
    var root = YamlFile.read(text, problems);
    problems.throwIfAny();
    if (root.isEmpty() || root.get() instanceof YamlNode.Scalar scalar && scalar.isAbsent()) {
      problems.add(0, "is empty; " + FIRST_SETTING);
    } else if (!(root.get() instanceof YamlNode.Mapping)) {
      problems.add(root.get().line(), "is " + root.get().kind() + "; " + FIRST_SETTING);
    }
    problems.throwIfAny();
    var file = new Section(problems, "", (YamlNode.Mapping) root.get());
    var config = new ConfigReader(problems).config(file);
    problems.throwIfAny();
    return config;
  }

  private Config config(Section file) {
    var named = network(file);
    var network = named.orElseGet(NetworkSettings.Production::new);
    var data = file.value("data", ConfigReader::dataFolder).orElse(Config.DEFAULT_DATA);
    var domains = domains(file);
    var vault = file.sectionIfAny("vault").flatMap(ConfigReader::vault);
    // After a mistake in the network it is not known what else it needs.
    if (named.isPresent() && !(network instanceof NetworkSettings.Local)) {
      requireWhatHasNoDefault(file);
    }
    var base = defaults(network, domains, data, vault);
    var deliver =
        file.sectionIfAny("deliver")
            .flatMap(section -> new DeliverSection(section).ofAll(data.resolve("captured")))
            .orElse(base.deliver());
    var config =
        new Config(
            base.domains(),
            data,
            network,
            node(file, base.node()),
            smtp(file, base.smtp()),
            web(file, base.web()),
            deliver,
            file.sectionIfAny("receive")
                .flatMap(way -> new DeliverSection(way).ofReceived("INBOX")),
            dns(file),
            dkim(file),
            file.with(base.quiet(), "quiet", Values::duration, (former, gap) -> new Quiet(gap)),
            file.with(
                base.keepMails(),
                "keepMails",
                Values::duration,
                (former, time) -> new KeepMails(time)),
            file.value("receipts", Values.oneOf(Receipts.class)).orElse(base.receipts()),
            store(file, base.store()),
            file.value("provision", Values.oneOf(Provision.class)).orElse(base.provision()),
            new InviteSection(file).read(base.invite()),
            trustedSealers(file),
            vault.orElse(base.vault()),
            new GateSections(file).read(base.gates()),
            mappings(file, base.domains(), deliver));
    file.refuseOthers();
    refuseWhatDoesNotFit(file, config);
    return config;
  }

  /** What holds where the file says nothing; after a mistake, what lets reading go on. */
  private static Config defaults(
      NetworkSettings network, List<String> domains, Path data, Optional<VaultSettings> vault) {
    var local = domains.isEmpty() ? Config.localProfile(data) : Config.localProfile(domains, data);
    return network instanceof NetworkSettings.Local
        ? local
        : Config.publicProfile(local.domains(), data, network, vault.orElse(local.vault()));
  }

  private void requireWhatHasNoDefault(Section file) {
    if (!file.has("domains")) {
      problems.add(0, "domains is missing; " + FIRST_SETTING);
    }
    if (!file.has("vault")) {
      problems.add(0, "vault is missing; write vault: {keyFile: /etc/postern/vault.key}");
    }
  }

  private List<String> domains(Section file) {
    var domains = new ArrayList<String>();
    var items = file.list("domains", "for example [bridge.example]");
    for (var item : items) {
      var domain = file.scalar("domains", item, Values::domain);
      if (domain.isPresent() && domains.contains(domain.get())) {
        problems.add(item.line(), "domains names " + domain.get() + " twice; take one out");
      }
      domain.ifPresent(domains::add);
    }
    if (file.node("domains").filter(YamlNode.Sequence.class::isInstance).isPresent()
        && items.isEmpty()) {
      file.wrong("domains", "domains names no domain; write for example [bridge.example]");
    }
    return domains;
  }

  /** Empty only after a mistake. */
  private Optional<NetworkSettings> network(Section file) {
    var node = file.node("network");
    if (node.isEmpty()) {
      return Optional.of(new NetworkSettings.Production());
    }
    if (node.get() instanceof YamlNode.Mapping mapping) {
      return network(file, new Section(problems, "network.", mapping));
    }
    return file.scalar("network", node.get(), ConfigReader::network);
  }

  private Optional<NetworkSettings> network(Section file, Section section) {
    if (section.has("gateway") || section.has("node")) {
      file.wrong(
          "network",
          "network with gateway and node: the decentralised network is not yet available;"
              + " write production, or {url: …}");
      return Optional.empty();
    }
    var url = section.required("url", Values::nodeUrl, "https://host:port");
    section.refuseOthers();
    return url.map(NetworkSettings.At::new);
  }

  private static NetworkSettings network(String text) throws ValueException {
    return switch (text) {
      case "local" -> new NetworkSettings.Local();
      case "dev" -> new NetworkSettings.Dev();
      case "production" -> new NetworkSettings.Production();
      default -> throw new ValueException("write local, dev, production or {url: https://…}");
    };
  }

  private static NodeSettings node(Section file, NodeSettings base) {
    var section = file.section("node");
    var node = section.with(base, "listen", Values::listen, NodeSettings::withListen);
    node = section.with(node, "keep", ConfigReader::retention, NodeSettings::withRetention);
    section.refuseOthers();
    return node;
  }

  private static Optional<Retention> retention(String text) throws ValueException {
    return switch (text) {
      case "forever" -> Optional.empty();
      case "network" -> Optional.of(Retention.ofPublicNetwork());
      default -> throw new ValueException("write forever, or network");
    };
  }

  private static SmtpSettings smtp(Section file, SmtpSettings base) {
    var section = file.section("smtp");
    var smtp = new SmtpSection(section).read(base);
    section.refuseOthers();
    return smtp;
  }

  private static WebSettings web(Section file, WebSettings base) {
    var section = file.section("web");
    var web =
        section.with(base, "listen", Values::listen, (settings, listen) -> new WebSettings(listen));
    section.refuseOthers();
    return web;
  }

  private static StoreSettings store(Section file, StoreSettings base) {
    var section = file.section("store");
    var user = section.value("user", Values::line);
    var passwordFile = section.value("passwordFile", Values::path);
    var connections = section.value("connections", Values::count);
    var carriers = section.value("carriers", Values::count);
    var url = section.value("url", Values::text).orElse(base.url());
    section.refuseOthers();
    try {
      return StoreSettings.of(url, user, passwordFile, connections, carriers);
    } catch (IllegalArgumentException refused) {
      section.wrong("url", refused.getMessage());
      return base;
    }
  }

  private static Optional<VaultSettings> vault(Section section) {
    var key = section.value("keyFile", Values::path);
    var passphrase = section.value("passphraseFile", Values::path);
    section.refuseOthers();
    if (section.has("keyFile") == section.has("passphraseFile")) {
      section.wrong(" needs one of keyFile and passphraseFile; write one, with a path");
      return Optional.empty();
    }
    return key.<VaultSettings>map(path -> new VaultSettings.KeyFile(path, false))
        .or(() -> passphrase.map(VaultSettings.PassphraseFile::new));
  }

  private static Path dataFolder(String text) throws ValueException {
    if (text.contains(";")) {
      throw new ValueException("write a path without ;, which H2 would take for an option");
    }
    return Values.path(text);
  }

  private List<DkimSettings> dkim(Section file) {
    var keys = new ArrayList<DkimSettings>();
    for (var item : file.list("dkim", "each entry with selector and keyFile")) {
      if (!(item instanceof YamlNode.Mapping entry)) {
        problems.add(
            item.line(), "dkim has " + item.kind() + "; write entries with selector and keyFile");
        continue;
      }
      var section = new Section(problems, "dkim.", entry);
      var selector = section.required("selector", Values::selector, "a name of the DNS");
      var key = section.required("keyFile", Values::path, "the path of a PEM file with the key");
      section.refuseOthers();
      if (selector.isPresent() && key.isPresent()) {
        keys.add(new DkimSettings(selector.get(), key.get()));
      }
    }
    return keys;
  }

  private List<InetSocketAddress> dns(Section file) {
    var servers = new ArrayList<InetSocketAddress>();
    for (var item : file.list("dns", "for example [192.0.2.53]")) {
      file.scalar("dns", item, Values::nameServer).ifPresent(servers::add);
    }
    return servers;
  }

  private List<String> trustedSealers(Section file) {
    var sealers = new ArrayList<String>();
    for (var item : file.list("trustedSealers", "for example [lists.example.org]")) {
      file.scalar("trustedSealers", item, Values::domain).ifPresent(sealers::add);
    }
    return sealers;
  }

  private List<Mapping> mappings(Section file, List<String> domains, Deliver deliver) {
    var mappings = new ArrayList<Mapping>();
    Map<String, String> origins = new HashMap<>();
    for (var item : file.list("mappings", "each entry with address and to or inbox")) {
      if (!(item instanceof YamlNode.Mapping entry)) {
        problems.add(
            item.line(), "mappings has " + item.kind() + "; write entries with address and to");
        continue;
      }
      var section = new Section(problems, "mappings.", entry);
      var mapping = new MappingSection(problems, section, domains, deliver).read();
      mapping.ifPresent(
          found -> {
            var address = found.rule().address().toString();
            var before = origins.putIfAbsent(address, found.rule().origin());
            if (before != null) {
              section.wrong(
                  "address",
                  "mappings.address "
                      + address
                      + " stands already at "
                      + before
                      + "; take one out");
            }
            mappings.add(found);
          });
    }
    return mappings;
  }

  /** What each value may be depends on others. */
  private void refuseWhatDoesNotFit(Section file, Config config) {
    var listeners = Listener.of(file, config);
    for (var listener : listeners) {
      if (config.provision() == Provision.OPEN && !listener.isLoopback()) {
        problems.add(
            listener.line(),
            listener.key()
                + " is reachable from other machines while provision is open: anybody could be"
                + " given an inbox; write 127.0.0.1, or provision: verified");
      }
    }
    if (config.provision() == Provision.OPEN && !config.smtp().proxies().isEmpty()) {
      problems.add(
          file.line("smtp", "proxies"),
          "smtp.proxies bring clients from other machines while provision is open: anybody could be"
              + " given an inbox; take them out, or write provision: verified");
    }
    if (config.network() instanceof NetworkSettings.Local
        && config.store() instanceof StoreSettings.PostgreSql store
        && store.carriers() > 1) {
      problems.add(
          file.line("store", "carriers"),
          "store.carriers is more than 1 while with network: local each daemon has a node of its"
              + " own; run one node for all (postern node) and write network: {url: …}");
    }
    Map<InetSocketAddress, String> taken = new HashMap<>();
    for (var listener : listeners) {
      var other = taken.putIfAbsent(listener.address(), listener.key());
      if (other != null && listener.address().getPort() != 0) {
        problems.add(
            listener.line(), listener.key() + " is the same as " + other + "; write another port");
      }
    }
  }
}
