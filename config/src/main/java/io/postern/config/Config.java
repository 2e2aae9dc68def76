package io.postern.config;

import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.Quiet;
import io.postern.node.NodeSettings;
import io.postern.out.Deliver;
import io.postern.smtp.SmtpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All settings of a daemon. design.md §3. Read by {@link ConfigReader}, which also sees to what
 * they must be to each other.
 *
 * @param domains whose mail comes here, lower-case; addresses are made in the first
 * @param data the folder of the spool, the database, the vault and captured mail
 * @param node where the embedded node serves
 * @param deliver how mail leaves, where no mapping says otherwise
 * @param receive the folder in which everybody's mail for the domains arrives, where it does not
 *     come by SMTP; empty if there is none
 * @param dns the name servers to ask; none: those of the operating system
 * @param dkim the keys with which it is signed; none: it is not
 * @param quiet which lines become one mail
 * @param receipts whether read receipts are carried, both ways
 * @param invite which requests of strangers become mail
 * @param keepMails how long the whole of each mail is kept that became messages
 * @param trustedSealers domains whose ARC seal vouches for what they say of a mail's author
 * @param gates what keeps the incoming side from harm
 * @param mappings in the order of the file
 */
public record Config(
    List<String> domains,
    Path data,
    NetworkSettings network,
    NodeSettings node,
    SmtpSettings smtp,
    WebSettings web,
    Deliver deliver,
    Optional<Deliver.Imap> receive,
    List<InetSocketAddress> dns,
    List<DkimSettings> dkim,
    Quiet quiet,
    KeepMails keepMails,
    Receipts receipts,
    StoreSettings store,
    Provision provision,
    InviteSettings invite,
    List<String> trustedSealers,
    VaultSettings vault,
    GateSettings gates,
    List<Mapping> mappings) {

  static final Path DEFAULT_DATA = Path.of("./data");
  static final int DEFAULT_SMTP_PORT = 2525;
  static final int DEFAULT_NODE_PORT = 5556;
  static final int DEFAULT_WEB_PORT = 8025;

  private static final String LOCAL_DOMAIN = "bridge.localhost";
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * @throws IllegalArgumentException if there is no domain
   */
  public Config {
    domains = List.copyOf(domains);
    dns = List.copyOf(dns);
    dkim = List.copyOf(dkim);
    trustedSealers = List.copyOf(trustedSealers);
    mappings = List.copyOf(mappings);
    if (domains.isEmpty()) {
      throw new IllegalArgumentException("a bridge has a domain");
    }
  }

  /**
   * What {@code network: local} means without another line: everything on this machine, nothing to
   * set up, and nobody else can reach it.
   *
   * @param data the data folder
   */
  public static Config localProfile(Path data) {
    return localProfile(List.of(LOCAL_DOMAIN), data);
  }

  /** As {@link #localProfile(Path)}, for domains of one's own. */
  static Config localProfile(List<String> domains, Path data) {
    return new Config(
        domains,
        data,
        new NetworkSettings.Local(),
        NodeSettings.of(loopback(DEFAULT_NODE_PORT), nodeFolder(data)),
        SmtpSettings.of(LOOPBACK + ":" + DEFAULT_SMTP_PORT, domains.get(0)),
        new WebSettings(loopback(DEFAULT_WEB_PORT)),
        new Deliver.Capture(data.resolve("captured")),
        Optional.empty(),
        List.of(),
        List.of(),
        new Quiet(Duration.ofSeconds(2)),
        KeepMails.byDefault(),
        Receipts.OFF,
        StoreSettings.in(data),
        Provision.OPEN,
        InviteSettings.CLOSED,
        List.of(),
        new VaultSettings.KeyFile(data.resolve("vault.key"), true),
        GateSettings.defaults(),
        List.of());
  }

  /**
   * What holds on any other network where the file says nothing.
   *
   * @param domains at least one
   */
  static Config publicProfile(
      List<String> domains, Path data, NetworkSettings network, VaultSettings vault) {
    return new Config(
        domains,
        data,
        network,
        NodeSettings.of(loopback(DEFAULT_NODE_PORT), nodeFolder(data)),
        SmtpSettings.of(LOOPBACK + ":" + DEFAULT_SMTP_PORT, domains.get(0)),
        new WebSettings(loopback(DEFAULT_WEB_PORT)),
        new Deliver.Mx(),
        Optional.empty(),
        List.of(),
        List.of(),
        new Quiet(Duration.ofSeconds(20)),
        KeepMails.byDefault(),
        Receipts.OFF,
        StoreSettings.in(data),
        Provision.VERIFIED,
        InviteSettings.CLOSED,
        List.of(),
        vault,
        GateSettings.defaults(),
        List.of());
  }

  /** The mappings as rules about addresses. */
  public AddressRules addressRules() {
    return new AddressRules(domains, mappings.stream().map(Mapping::rule).toList());
  }

  /**
   * How mail to this person leaves: as the mapping that counts for them says, else as the route of
   * their domain, else as all.
   */
  public Deliver deliverFor(Mailbox person) {
    var rule = addressRules().ruleFor(person);
    return mappings.stream()
        .filter(mapping -> rule.filter(mapping.rule()::equals).isPresent())
        .flatMap(mapping -> mapping.deliver().stream())
        .findFirst()
        .orElseGet(() -> deliverToDomain(person));
  }

  private Deliver deliverToDomain(Mailbox person) {
    return deliver instanceof Deliver.Mx mx ? mx.to(Mailbox.asciiDomain(person.domain())) : deliver;
  }

  static Path nodeFolder(Path data) {
    return data.resolve("node");
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
