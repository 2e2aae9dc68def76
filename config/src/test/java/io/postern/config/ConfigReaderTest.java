package io.postern.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.Mailbox;
import io.postern.mail.auth.IpNetwork;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.DigestSchedule;
import io.postern.mapping.LeavingSettings;
import io.postern.mapping.Peer;
import io.postern.mapping.Quiet;
import io.postern.mapping.QuotaSettings;
import io.postern.node.Retention;
import io.postern.out.Deliver;
import io.postern.out.Login;
import io.postern.out.TlsMode;
import io.postern.smtp.SmtpSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
  private static final String PUBLIC =
      "domains: [bridge.example]\nvault: {keyFile: /etc/postern/vault.key}\n";
  private static final String WALLET = "0x1a642f0e3c3af545e7acbd38b07251b3990914f1";

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @Test
  void localWithoutAnotherLineIsTheLocalProfile() throws Exception {
    assertEquals(Config.localProfile(Path.of("./data")), read("network: local\n"));
  }

  @Test
  void theLocalProfileIsReachableFromThisMachineOnly() {
    var local = Config.localProfile(Path.of("elsewhere"));

    assertEquals(List.of("bridge.localhost"), local.domains());
    assertTrue(local.smtp().isLoopback());
    assertEquals(2525, local.smtp().port());
    assertEquals(new InetSocketAddress("127.0.0.1", 5556), local.node().listen());
    assertEquals(new InetSocketAddress("127.0.0.1", 8025), local.web().listen());
    assertEquals(Provision.OPEN, local.provision());
    assertEquals(new Quiet(Duration.ofSeconds(2)), local.quiet());
    assertEquals(new KeepMails(Duration.ofDays(30)), local.keepMails());
    assertEquals(Receipts.OFF, local.receipts());
    assertEquals(new Deliver.Capture(Path.of("elsewhere/captured")), local.deliver());
    assertEquals("jdbc:h2:file:./elsewhere/postern", local.store().url());
    assertEquals(new VaultSettings.KeyFile(Path.of("elsewhere/vault.key"), true), local.vault());
  }

  @Test
  void readsEverySetting() throws Exception {
    var config =
        read(
            """
            domains: [Bridge.example, second.example]
            data: /var/lib/postern
            network: {url: "http://node.example.org:5556"}
            node: {listen: "[::1]:7001", keep: network}
            smtp:
              listen: localhost:7002
              hostname: mx.bridge.example
              tls: {certificate: tls.pem, key: tls.key}
              submission: {starttls: "127.0.0.1:7005", implicitTls: "[::1]:7006", logins: /etc/logins}
              proxies: [10.0.0.0/8, "fd00::/8", 192.0.2.1]
              maxMailBytes: 2048
              maxRecipients: 7
              idleTimeout: 1s
              dataTimeout: 2m
              sessionTimeout: 3h
              maxSessions: 9
              maxSessionsPerAddress: 8
              maxMailsPerMinutePerAddress: 5
            web: {listen: 127.0.0.1:7003}
            deliver: {via: smarthost, host: smtp.example.net, port: 465, user: u, passwordFile: p, tls: implicit}
            quiet: 500ms
            keepMails: 0s
            receipts: on
            store: {url: "jdbc:h2:file:/var/lib/postern/db"}
            provision: closed
            invite: listed
            inviteTo: ["*@corp.example", bob@example.org]
            invitesPerDay: 3
            invitesPerDayInAll: 30
            vault: {passphraseFile: /run/secrets/vault}
            """);

    assertEquals(List.of("bridge.example", "second.example"), config.domains());
    assertEquals(Path.of("/var/lib/postern"), config.data());
    assertEquals(
        new NetworkSettings.At(URI.create("http://node.example.org:5556")), config.network());
    assertEquals(7001, config.node().listen().getPort());
    assertEquals(Optional.of(Retention.ofPublicNetwork()), config.node().retention());
    assertEquals(Path.of("/var/lib/postern/node"), config.node().data());
    assertEquals(
        SmtpSettings.of("127.0.0.1:7002", "mx.bridge.example")
            .withLimits(2048, 7)
            .withTimeouts(Duration.ofSeconds(1), Duration.ofMinutes(2), Duration.ofHours(3))
            .withClientLimits(9, 8, 5)
            .withTls(new SmtpSettings.TlsFiles(Path.of("tls.pem"), Path.of("tls.key")))
            .withSubmission(
                new SmtpSettings.Submission(
                    Optional.of(new InetSocketAddress("127.0.0.1", 7005)),
                    Optional.of(new InetSocketAddress("::1", 7006)),
                    Path.of("/etc/logins")))
            .withProxies(
                Stream.of("10.0.0.0/8", "fd00::/8", "192.0.2.1/32")
                    .map(IpNetwork::parse)
                    .map(Optional::orElseThrow)
                    .toList()),
        config.smtp());
    assertEquals(7003, config.web().listen().getPort());
    assertEquals(
        new Deliver.Smarthost(
            "smtp.example.net", 465, Optional.of(new Login("u", Path.of("p"))), TlsMode.IMPLICIT),
        config.deliver());
    assertEquals(new Quiet(Duration.ofMillis(500)), config.quiet());
    assertEquals(new KeepMails(Duration.ZERO), config.keepMails());
    assertEquals(Receipts.ON, config.receipts());
    assertEquals("jdbc:h2:file:/var/lib/postern/db", config.store().url());
    assertEquals(Provision.CLOSED, config.provision());
    assertEquals(
        new InviteSettings(
            Invite.LISTED,
            List.of(
                AddressPattern.parse("*@corp.example"), AddressPattern.parse("bob@example.org")),
            3,
            30),
        config.invite());
    assertEquals(new VaultSettings.PassphraseFile(Path.of("/run/secrets/vault")), config.vault());
  }

  @Test
  void readsWhatKeepsTheIncomingSideFromHarm() throws Exception {
    var gates =
        read(PUBLIC
                + """
                rejects: {keep: 48h}
                quota:
                  perPersonPerDay: 1
                  newPersonsPerNetworkPerDay: 2
                  newPersonsPerDomainPerDay: 3
                  newPersonsPerDay: 4
                  leaving: {mailsPerHour: 5, mailsPerDay: 6, octetsPerHour: 7000000, octetsPerDay: 8000000}
                dnsbl: [Zen.example.org]
                greylist: true
                """)
            .gates();

    assertEquals(Duration.ofDays(2), gates.keepRejects());
    assertEquals(new QuotaSettings(1, 2, 3, 4), gates.quota());
    assertEquals(new LeavingSettings(5, 6, 7_000_000, 8_000_000), gates.leaving());
    assertEquals(List.of("zen.example.org"), gates.blocklists());
    assertTrue(gates.greylist());
  }

  @Test
  void readsWhoElseIsAskedAboutAMail() throws Exception {
    var rspamd = read(PUBLIC + "filter: {rspamd: 'http://127.0.0.1:11333/checkv2'}\n").gates();
    var command =
        read(PUBLIC + "filter: {command: [/bin/f, -x], timeout: 2s, onFailure: accept}\n").gates();

    assertEquals(
        Optional.of(
            FilterSettings.of(
                new FilterSettings.Rspamd(URI.create("http://127.0.0.1:11333/checkv2")))),
        rspamd.filter());
    assertEquals(
        Optional.of(
            new FilterSettings(
                new FilterSettings.Command(List.of("/bin/f", "-x")),
                Duration.ofSeconds(2),
                FilterSettings.OnFailure.ACCEPT)),
        command.filter());
    assertEquals(Optional.empty(), read(PUBLIC).gates().filter());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | filter needs one of rspamd and command",
        "{rspamd: 'http://h/', command: [x]} | filter needs one of rspamd and command",
        "{rspamd: 'ftp://h/'} | filter.rspamd is \"ftp://h/\"; write a URL",
        "{rspamd: 'http://u:p@h/'} | write a URL",
        "{command: x} | filter.command is \"x\"; write a list",
        "{command: [x], timeout: 1h} | filter.timeout is 3600000ms; write 1s to 5m",
        "{command: [x], onFailure: drop} | filter.onFailure is \"drop\"; write one of accept,"
            + " defer",
        "{command: [x], onfailure: defer} | do you mean filter.onFailure?",
      })
  void saysHowAFilterIsWritten(String filter, String words) {
    assertThat(mistakes(PUBLIC + "filter: " + filter + "\n"))
        .anyMatch(told -> told.contains(words));
  }

  @Test
  void saysWhatAGateMayBe() {
    assertEquals(
        List.of(
            "postern.yml:3: rejects.keep is 1h; write 1d to 90d",
            "postern.yml:4: quota.leaving.octetsPerDay is 5; write 1048576 or more",
            "postern.yml:4: quota.leaving.mails is not a setting; known here: mailsPerHour,"
                + " mailsPerDay, octetsPerHour, octetsPerDay",
            "postern.yml:4: quota.perPersonPerDay is 0; write one from 1 to 1000000",
            "postern.yml:4: quota.newPersonsPerDays is not a setting; do you mean"
                + " quota.newPersonsPerDay?",
            "postern.yml:5: dnsbl names 9 lists; write 8 at most",
            "postern.yml:6: greylist is \"yes\"; write true or false"),
        mistakes(
            PUBLIC
                + """
                rejects: {keep: 1h}
                quota: {perPersonPerDay: 0, newPersonsPerDays: 3, leaving: {octetsPerDay: 5, mails: 1}}
                dnsbl: [a.a, a.a, a.a, a.a, a.a, a.a, a.a, a.a, a.a]
                greylist: yes
                """));
  }

  @Test
  void readsMappingsAndWhatEachMailGoesBy() throws Exception {
    var config =
        read(
            PUBLIC
                + """
                mappings:
                  - address: Alice@bridge.example
                    to: "0X1A642F0E3C3AF545E7ACBD38B07251B3990914F1"
                  - address: bob@example.org
                    inbox: hosted
                    deliver: {imap: {host: imap.example.org, user: bob, passwordFile: p}}
                    receive: {imap: {host: imap.example.org, user: bob, passwordFile: p, folder: Sent}}
                  - {address: "*@corp.example", inbox: hosted}
                """);

    var rules = config.addressRules();
    assertEquals(Peer.parse(WALLET), rules.resolve(mailbox("alice@bridge.example")).peer());
    assertEquals(
        "postern.yml:4", rules.ruleFor(mailbox("alice@bridge.example")).orElseThrow().origin());
    assertEquals(
        new Deliver.Imap(
            "imap.example.org", 993, new Login("bob", Path.of("p")), "XMTP", TlsMode.IMPLICIT),
        config.deliverFor(mailbox("BOB@example.org")));
    assertThat(config.mappings().stream().flatMap(mapping -> mapping.receive().stream()))
        .containsExactly(
            new Deliver.Imap(
                "imap.example.org", 993, new Login("bob", Path.of("p")), "Sent", TlsMode.IMPLICIT));
    assertEquals(new Deliver.Mx(), config.deliverFor(mailbox("eve@corp.example")));
    assertEquals(new Deliver.Mx(), config.deliverFor(mailbox("eve@gmail.example")));
  }

  @Test
  void readsWhoGetsADigestAndWhen() throws Exception {
    var rules =
        read(PUBLIC
                + """
                    mappings:
                      - {address: bob@example.org, inbox: hosted, digest: {}}
                      - address: "*@corp.example"
                        inbox: hosted
                        digest: {every: 6h, at: 08:30, zone: Europe/Berlin}
                      - {address: eve@corp.example, inbox: hosted}
                    """)
            .addressRules();

    assertThat(rules.digestOf(mailbox("BOB@example.org")))
        .contains(new DigestSchedule(Duration.ofDays(1), LocalTime.of(7, 0), ZoneOffset.UTC));
    assertThat(rules.digestOf(mailbox("dave@corp.example")))
        .contains(
            new DigestSchedule(
                Duration.ofHours(6), LocalTime.of(8, 30), ZoneId.of("Europe/Berlin")));
    assertThat(rules.digestOf(mailbox("eve@corp.example"))).isEmpty();
    assertThat(rules.digestOf(mailbox("eve@elsewhere.example"))).isEmpty();
    assertThat(rules.explain(mailbox("dave@corp.example")))
        .contains("is hosted, with a digest every 6h at 08:30 Europe/Berlin");
  }

  @Test
  void refusesProxiesWhereEverybodyIsGivenAnInbox() throws Exception {
    var proxies = "smtp:\n  proxies: [127.0.0.1]\n";

    assertThat(mistakes("network: local\n" + proxies))
        .hasSize(1)
        .allMatch(told -> told.startsWith("postern.yml:3: smtp.proxies bring clients from other"));
    assertThat(read("network: local\nprovision: verified\n" + proxies).smtp().proxies()).hasSize(1);
  }

  @Test
  void aMistakeNamesFileLineKeyValueAndRemedy() {
    assertEquals(
        List.of("postern.yml:4: smtp.listen is \"25\"; write host:port, for example 0.0.0.0:2525"),
        mistakes(PUBLIC + "smtp:\n  listen: 25\n"));
  }

  @Test
  void allMistakesAreToldInTheOrderOfTheirLines() {
    assertEquals(
        List.of(
            "postern.yml:1: domains is \"bridge..example\"; write a domain name, for example"
                + " bridge.example",
            "postern.yml:2: smtp.maxRecipients is 0; write one from 1 to 1000",
            "postern.yml:3: quiet is \"20\"; write a number and a unit, for example 20s, 2m, 1h or"
                + " 500ms",
            "postern.yml:4: provison is not a setting; do you mean provision?",
            "postern.yml:5: vault.keyfile is not a setting; do you mean vault.keyFile?",
            "postern.yml:5: vault needs one of keyFile and passphraseFile; write one, with a path"),
        mistakes(
            """
            domains: [bridge..example]
            smtp: {maxRecipients: 0}
            quiet: 20
            provison: open
            vault: {keyfile: /etc/postern/vault.key}
            """));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "trustedSealers: lists.example.org | write a list, for example [lists.example.org]",
        "dkim: [{selector: 'a b', keyFile: k.pem}] | write letters, digits and hyphens",
        "dkim: [{selector: a}] | dkim.keyFile is missing",
        "dkim: [x] | write entries with selector and keyFile",
        "dns: 127.0.0.1 | write a list, for example [192.0.2.53]",
        "dns: [ns.example.org] | dns is \"ns.example.org\"; write an IP address",
        "dns: ['127.0.0.1:0'] | dns is \"127.0.0.1:0\"; write an IP address",
        "dns: [abcd] | dns is \"abcd\"; write an IP address",
        "dns: ['1:2:3'] | dns is \"1:2:3\"; write an IP address",
        "trustedSealers: ['not a domain'] | trustedSealers is \"not a domain\"",
        "smtp: {listen: mx.example.org:25} | write an IP address before the port",
        "smtp: {listen: '::1:25'} | write host:port",
        "smtp: {listen: 127.0.0.1:70000} | write a port from 1 to 65535",
        "smtp: {listen: 127.0.0.256:25} | write an IP address before the port",
        "smtp: {listen: } | smtp.listen has no value",
        "smtp: {listen: [a, b]} | smtp.listen is a list; write one value",
        "smtp: here | smtp is \"here\"; write its keys below it",
        "smtp: {tls: {certificate: a}} | smtp.tls.key is missing",
        "smtp: {submission: {starttls: '127.0.0.1:587', logins: a}} | smtp.submission needs TLS;"
            + " write tls",
        "smtp: {tls: {certificate: a, key: b}, submission: {logins: a}} | smtp.submission listens"
            + " nowhere",
        "smtp: {tls: {certificate: a, key: b}, submission: {starttls: '127.0.0.1:587'}} |"
            + " smtp.submission.logins is missing",
        "smtp: {tls: {certificate: a, key: b}, submission: {starttls: '127.0.0.1:2525', logins: a}}"
            + " | smtp.submission.starttls is the same as smtp.listen",
        "smtp: {tls: {certificate: a, key: b}, submission: {port: 587}} | smtp.submission.port is"
            + " not a setting",
        "smtp: {proxies: 10.0.0.0/8} | smtp.proxies is \"10.0.0.0/8\"; write a list",
        "smtp: {proxies: [10.0.0.1/8]} | write an IP network, for example 10.0.0.0/8",
        "smtp: {proxies: [lb.example.org]} | write an IP network",
        "smtp: {maxMailBytes: 25M} | write a number of octets",
        "smtp: {idleTimeout: 2d} | smtp.idleTimeout is PT48H; write one of a day at most",
        "web: {listen: 0.0.0.0:8025} | web.listen is reachable from other machines",
        "web: {listen: 127.0.0.1:2525} | web.listen is the same as smtp.listen",
        "quiet: 3m | quiet is 180s; write one from 0s to 2m",
        "quiet: -1s | write a number and a unit",
        "keepMails: 3651d | keepMails is 3651d; write one from 0s to 3650d",
        "keepMails: long | write a number and a unit",
        "receipts: yes | write one of off, on",
        "node: {keep: 30d} | write forever, or network",
        "network: mainnet | write local, dev, production or {url",
        "network: {url: 'https://node.example.org'} | write https://host:port",
        "network: {url: 'ftp://node.example.org:1'} | write https://host:port",
        "network: {url: 'https://u:p@node.example.org:1'} | write https://host:port",
        "network: {gateway: a, node: b} | the decentralised network is not yet available",
        "invite: everybody | write one of closed, listed, open",
        "invite: listed | invite is listed, but nobody is; write inviteTo",
        "inviteTo: bob@example.org | write a list",
        "inviteTo: ['*@*.example'] | with one * before the @",
        "invitesPerDay: 0 | invitesPerDay is 0; write 1 or more, or invite: closed",
        "invitesPerDayInAll: many | write a number",
        "provision: everybody | write one of closed, verified, open",
        "store: {url: 'jdbc:postgresql://db/postern'} | store.user is missing",
        "store: {url: 'jdbc:postgresql://db', user: u} | no address of a PostgreSQL database",
        "store: {url: 'jdbc:postgresql://db/x?user=u', user: u} | write store.user and store.passwordFile",
        "store: {url: 'jdbc:postgresql://db/x', user: u, connections: 3} | write 4 to 200",
        "store: {url: 'jdbc:postgresql://db/x', user: u, connections: 201} | write 4 to 200",
        "store: {url: 'jdbc:postgresql://db/x', user: u, paswordFile: x} | mean store.passwordFile?",
        "store: {user: u} | go with PostgreSQL only",
        "store: {connections: 9} | go with PostgreSQL only",
        "store: {carriers: 2} | go with PostgreSQL only",
        "store: {url: 'jdbc:postgresql://db/x', user: u, carriers: 0} | write 1 to 16",
        "store: {url: 'jdbc:postgresql://db/x', user: u, carriers: 17} | write 1 to 16",
        "store: {url: 'jdbc:h2:mem:x'} | names neither a file of H2 nor a PostgreSQL",
        "data: 'a;INIT=RUNSCRIPT' | write a path without ;",
        "data: '' | write a path",
        "deliver: {via: pigeon} | write one of mx, smarthost, imap, capture",
        "deliver: {} | deliver.via is missing",
        "deliver: {imap: {host: a}} | deliver.via is missing",
        "mappings: [{address: a@x.example, inbox: hosted, deliver: {via: mx}}] | has no single way",
        "mappings: [{address: a@x.example, inbox: hosted, deliver: x}] | write its keys below it",
        "deliver: {via: mx, host: a} | deliver.host is not a setting",
        "deliver: {via: capture, routes: []} | deliver.routes is not a setting",
        "deliver: {via: mx, routes: x} | write a list, each entry with domain and smarthost",
        "deliver: {via: mx, routes: [x]} | deliver.routes has \"x\"; write each entry with domain",
        "deliver: {via: mx, routes: [{domain: a.example}]} | deliver.routes names no smarthost",
        "deliver: {via: mx, routes: [{smarthost: {host: a}}]} | deliver.routes.domain is missing",
        "deliver: {via: mx, routes: [{domain: a.example, smarthost: {}}]} | smarthost.host is missing",
        "deliver: {via: mx, routes: [{domain: '*', smarthost: {host: a}}]} | write a domain name",
        "deliver: {via: mx, routes: [{domain: '*.*.a', smarthost: {host: a}}]} | write a domain name",
        "deliver: {via: mx, routes: [{domain: a.example, via: mx, smarthost: {host: a}}]} | not a setting",
        "deliver: {via: mx, routes: [{domain: a.b, smarthost: {host: a}}, {domain: A.B, smarthost: {host: b}}]} | stands twice",
        "deliver: {via: smarthost} | deliver.host is missing",
        "deliver: {via: smarthost, host: 'a b'} | write the name of a server",
        "deliver: {via: smarthost, host: a, user: u} | deliver.passwordFile is missing",
        "deliver: {via: smarthost, host: a, user: u, passwordFile: p, tls: opportunistic} | would"
            + " show",
        "deliver: {via: imap, host: a, port: 0, user: u, passwordFile: p} | write a port from 1",
        "deliver: {via: smarthost, host: a, password: p} | deliver.password is not a setting",
        "mappings: [{address: a@x.example, inbox: hosted, deliver: {imap: {host: a}}}] |"
            + " mappings.deliver.imap.user is missing",
        "mappings: [{address: a@x.example, inbox: hosted, digest: daily}] | write its keys below it",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {every: 5h}}] | write a part of a day",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {every: 5m}}] | write a part of a day",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {every: often}}] | write a number and a unit",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {at: '7:00'}}] | write a time from",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {at: '24:00'}}] | write a time from",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {zone: Berlin}}] | write the name of a time zone",
        "mappings: [{address: a@x.example, inbox: hosted, digest: {hour: 7}}] | not a setting",
        "mappings: {address: a} | mappings is a section; write a list",
        "mappings: [alice] | mappings has \"alice\"; write entries",
        "mappings: [{address: alice@bridge.example}] | has nothing beside it",
        "mappings: [{address: alice, inbox: hosted}] | write an address, or a pattern",
        "mappings: [{address: '*@*.example', inbox: hosted}] | with one * before the @",
        "mappings: [{inbox: hosted}] | mappings.address is missing",
        "mappings: [{address: a@bridge.example, to: vitalik.eth}] | names are not yet available",
        "mappings: [{address: a@bridge.example, to: '0x12'}] | write 0x and 40 hex digits",
        "mappings: [{address: a@x.example, inbox: attached}] | attached inboxes are not yet",
        "mappings: [{address: a@bridge.example, group: {name: T}}] | groups are not yet available",
        "mappings: [{address: bob@bridge.example, inbox: hosted}] | would come back here",
      })
  void refuses(String line, String words) {
    assertThat(mistakes(PUBLIC + line + "\n"))
        .anySatisfy(told -> assertThat(told).startsWith("postern.yml:3: ").contains(words));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b@x.example | Inbox | everybody's mail comes in",
        "b@x.example | XMTP | receive names the folder of deliver",
        "*@x.example | Sent | one whole address",
        "b@x.example | '' | folder"
      })
  void refusesAFolderInWhichOthersWouldSpeak(String address, String folder, String words) {
    var server = "{imap: {host: i.example, user: b, passwordFile: p, folder: '%s'}}";
    var line =
        "mappings: [{address: '%s', inbox: hosted, deliver: %s, receive: %s}]\n"
            .formatted(address, server.formatted("XMTP"), server.formatted(folder));

    assertThat(mistakes(PUBLIC + line))
        .anySatisfy(told -> assertThat(told).startsWith("postern.yml:3: ").contains(words));
  }

  @Test
  void aFolderIsReadForAPersonAndBySayingWhich() {
    var line =
        "mappings: [{address: a@bridge.example, to: '" + WALLET + "', receive: {imap: {%s}}}]";
    var server = "host: i.example, user: b, passwordFile: p";

    assertThat(mistakes(PUBLIC + line.formatted(server + ", folder: Sent")))
        .anySatisfy(told -> assertThat(told).contains("receive goes with inbox: hosted"));
    assertThat(mistakes(PUBLIC + line.formatted(server)))
        .anySatisfy(told -> assertThat(told).contains("folder is missing"));
    assertThat(mistakes(PUBLIC + "mappings: [{address: b@x.example, inbox: hosted, receive: {}}]"))
        .anySatisfy(told -> assertThat(told).contains("receive names no folder"));
  }

  @Test
  void theFolderOfEverybodyMayBeTheInbox() throws Exception {
    var line = "receive: {imap: {host: i.example, user: b, passwordFile: p, folder: INBOX}}\n";

    assertThat(ConfigReader.read("postern.yml", PUBLIC + line).receive())
        .contains(
            new Deliver.Imap(
                "i.example", 993, new Login("b", Path.of("p")), "INBOX", TlsMode.IMPLICIT));
    assertThat(mistakes(PUBLIC + line.replace(", folder: INBOX", "")))
        .anySatisfy(told -> assertThat(told).contains("receive.imap.folder is missing"));
    assertThat(mistakes(PUBLIC + line.replace("folder", "tls: opportunistic, folder")))
        .isNotEmpty();
  }

  @Test
  void refusesAForwardThatNoMailReachesAndOneThatWouldBeMailed() {
    var forward = PUBLIC + "mappings: [{address: a@%s.example, to: '" + WALLET + "'%s}]\n";

    assertThat(mistakes(forward.formatted("elsewhere", "")))
        .singleElement()
        .asString()
        .contains("which no mail reaches here; write one at bridge.example");
    assertThat(mistakes(forward.formatted("bridge", ", deliver: {via: mx}")))
        .singleElement()
        .asString()
        .contains("mappings.deliver: a forwarded address gets messages, not mail");
    assertThat(mistakes(forward.formatted("bridge", ", digest: {}")))
        .singleElement()
        .asString()
        .contains("mappings.digest: a forwarded address gets messages, not mail");
  }

  @Test
  void anAddressStandsOnce() {
    var twice =
        PUBLIC
            + """
            mappings:
              - {address: bob@example.org, inbox: hosted}
              - {address: BOB@example.org, inbox: hosted}
            """;

    assertEquals(
        List.of(
            "postern.yml:5: mappings.address bob@example.org stands already at postern.yml:4;"
                + " take one out"),
        mistakes(twice));
  }

  @Test
  void aNumberThatYamlWouldRoundIsStillAnAddress() throws Exception {
    var config = read(PUBLIC + "mappings: [{address: a@bridge.example, to: " + WALLET + "}]\n");

    assertEquals(
        Peer.parse(WALLET), config.addressRules().resolve(mailbox("a@bridge.example")).peer());
  }

  @ParameterizedTest
  @ValueSource(strings = {"node", "smtp"})
  void openProvisionRefusesEveryListenerThatOthersCanReach(String listener) {
    var mistakes = mistakes("network: local\n" + listener + ":\n  listen: 0.0.0.0:9000\n");

    assertThat(mistakes)
        .anySatisfy(
            told ->
                assertThat(told)
                    .startsWith("postern.yml:3: " + listener + ".listen is reachable")
                    .contains("while provision is open"));
  }

  @Test
  void mailMayComeFromEverywhereWhereItsAuthorsAreVerified() throws Exception {
    var config = read(PUBLIC + "smtp: {listen: 0.0.0.0:25}\ntrustedSealers: [Lists.Example.org]\n");

    assertThat(config.smtp().isLoopback()).isFalse();
    assertEquals(List.of("lists.example.org"), config.trustedSealers());
  }

  @Test
  void mailToADomainMayHaveARouteOfItsOwn() throws Exception {
    var config =
        read(
            PUBLIC
                + "deliver:\n"
                + "  via: mx\n"
                + "  routes:\n"
                + "    - {domain: '*.corp.example', smarthost: {host: all.example}}\n"
                + "    - {domain: '*.inner.corp.example', smarthost: {host: inner.example}}\n"
                + "    - {domain: Lab.Corp.example, smarthost: {host: lab.example, port: 25}}\n"
                + "    - {domain: xn--bcher-kva.example, smarthost: {host: books.example}}\n"
                + "mappings:\n"
                + "  - address: eve@lab.corp.example\n"
                + "    inbox: hosted\n"
                + "    deliver: {smarthost: {host: eve.example}}\n");

    assertEquals("all.example", host(config, "a@x.corp.example"));
    assertEquals("all.example", host(config, "a@y.x.corp.example"));
    assertEquals("inner.example", host(config, "a@x.inner.corp.example"));
    assertEquals("lab.example", host(config, "a@lab.corp.example"));
    assertEquals("books.example", host(config, "a@b\u00fccher.example"));
    assertEquals("eve.example", host(config, "eve@lab.corp.example"));
    assertEquals(config.deliver(), config.deliverFor(mailbox("a@corp.example")));
    assertEquals(config.deliver(), config.deliverFor(mailbox("a@xcorp.example")));
  }

  private static String host(Config config, String person) throws Exception {
    return ((Deliver.Smarthost) config.deliverFor(mailbox(person))).host();
  }

  @Test
  void nameServersAreAddressesWithPort53UnlessTheySayAnother() throws Exception {
    var config = read(PUBLIC + "dns: [192.0.2.53, '::1', '127.0.0.1:5353', '[::1]:54', '[::2]']\n");

    assertThat(config.dns())
        .containsExactly(
            new InetSocketAddress("192.0.2.53", 53),
            new InetSocketAddress("::1", 53),
            new InetSocketAddress("127.0.0.1", 5353),
            new InetSocketAddress("::1", 54),
            new InetSocketAddress("::2", 53));
  }

  @Test
  void aNodeMayBeReachedByOthersIfNobodyIsGivenAnInboxForIt() throws Exception {
    var config = read("network: local\nprovision: closed\nnode: {listen: 0.0.0.0:5556}\n");

    assertTrue(config.node().listen().getAddress().isAnyLocalAddress());
  }

  @Test
  void aHostedAddressAtTheBridgeMayHaveAWayOfItsOwn() throws Exception {
    var config =
        read(
            PUBLIC
                + "mappings: [{address: bob@bridge.example, inbox: hosted,"
                + " deliver: {smarthost: {host: inner.example}}}]\n");

    assertEquals(
        new Deliver.Smarthost("inner.example", 587, Optional.empty(), TlsMode.REQUIRED),
        config.deliverFor(mailbox("bob@bridge.example")));
  }

  @Test
  void whatAPublicNetworkNeedsIsAskedFor() {
    assertThat(mistakes("quiet: 20s\n"))
        .hasSize(2)
        .anySatisfy(told -> assertThat(told).startsWith("postern.yml: domains is missing"))
        .anySatisfy(told -> assertThat(told).startsWith("postern.yml: vault is missing"));
  }

  @Test
  void oneVaultKeyOfTheTwo() {
    assertEquals(
        List.of(
            "postern.yml:2: vault needs one of keyFile and passphraseFile; write one, with a path"),
        mistakes("domains: [bridge.example]\nvault: {keyFile: a, passphraseFile: b}\n"));
  }

  @Test
  void anUnknownKeyFarFromAllKnownNamesThem() {
    assertEquals(
        List.of("postern.yml:3: web.password is not a setting; known here: listen"),
        mistakes(PUBLIC + "web: {password: secret}\n"));
  }

  @Test
  void noPartOfASecretIsRepeated() {
    assertThat(mistakes(PUBLIC + "deliver: {via: smarthost, host: a, pasword: hunter2}\n"))
        .noneSatisfy(told -> assertThat(told).contains("hunter2"));
    assertThat(mistakes(PUBLIC + "store: {url: 'jdbc:postgresql://u:hunter2@db/x', user: u}\n"))
        .noneSatisfy(told -> assertThat(told).contains("hunter2"));
    assertThat(
            mistakes(PUBLIC + "store: {url: 'jdbc:postgresql://db/x?password=hunter2', user: u}\n"))
        .noneSatisfy(told -> assertThat(told).contains("hunter2"));
  }

  @Test
  void aPostgreSqlIsTakenWithItsLogin() throws Exception {
    var url = "jdbc:postgresql://db.example:5432/postern?sslmode=verify-full";
    var config =
        read(PUBLIC + "store: {url: '" + url + "', user: postern, passwordFile: /run/db}\n");

    assertEquals(
        new StoreSettings.PostgreSql(url, "postern", Optional.of(Path.of("/run/db")), 24),
        config.store());
  }

  @Test
  void severalMayCarryWhereTheyHaveANodeInCommon() throws Exception {
    var store = "store: {url: 'jdbc:postgresql://db/x', user: u, carriers: 3}\n";

    assertThat(read(PUBLIC + store).store())
        .isEqualTo(
            new StoreSettings.PostgreSql("jdbc:postgresql://db/x", "u", Optional.empty(), 24, 3));
    assertThat(mistakes("network: local\n" + store))
        .singleElement()
        .asString()
        .contains("store.carriers", "postern node");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# nothing\n", "---\n", "null\n", "[]\n", "postern\n"})
  void refusesAFileThatIsNoSettings(String text) {
    assertThat(mistakes(text)).hasSize(1).allMatch(told -> told.contains("write domains: ["));
  }

  @Test
  void foreignDomainsAreWrittenInAscii() {
    assertThat(mistakes("domains: [bücher.example]\nvault: {keyFile: a}\n"))
        .singleElement()
        .asString()
        .contains("write its ASCII form");
  }

  @Test
  void readsAFileAndNamesItByItsName(@TempDir Path folder) throws Exception {
    var file = folder.resolve("my.yml");
    Files.writeString(file, "network: local\n");
    assertEquals(Config.localProfile(Path.of("./data")), ConfigReader.read(file));

    Files.writeString(file, "network: nowhere\n");
    var wrong = assertThrows(ConfigException.class, () -> ConfigReader.read(file));
    assertThat(wrong.getMessage()).startsWith("my.yml:1: network is \"nowhere\"");
  }

  @Test
  void tellsWhyAFileCannotBeRead(@TempDir Path folder) throws Exception {
    var missing = folder.resolve("missing.yml");
    var latin = folder.resolve("latin.yml");
    Files.write(latin, "data: \u00fcber\n".getBytes(StandardCharsets.ISO_8859_1));
    var large = folder.resolve("large.yml");
    Files.write(large, new byte[YamlFile.MAX_CHARACTERS + 1]);

    assertThat(assertThrows(ConfigException.class, () -> ConfigReader.read(missing)))
        .hasMessage("missing.yml: is not there; begin with a copy of config/postern.example.yml");
    assertThat(assertThrows(ConfigException.class, () -> ConfigReader.read(latin)))
        .hasMessage("latin.yml: is not UTF-8; save it as UTF-8");
    assertThat(assertThrows(ConfigException.class, () -> ConfigReader.read(large)))
        .hasMessageContaining("is it the right file?");
    assertThat(assertThrows(ConfigException.class, () -> ConfigReader.read(folder)))
        .hasMessageContaining("cannot be read");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void noiseIsRefusedByItsOwnException(long seed) {
    var random = new SplittableRandom(seed);
    var octets = new byte[random.nextInt(1, 200)];
    random.nextBytes(octets);
    var text = new String(octets, StandardCharsets.ISO_8859_1);

    var refused = assertThrows(ConfigException.class, () -> read(text));

    assertThat(refused.problems()).isNotEmpty();
    assertThat(refused.getMessage().lines()).hasSameSizeAs(refused.problems());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aDamagedFileIsReadOrRefusedButNothingElse(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder(PUBLIC + "smtp: {listen: 127.0.0.1:2525}\nquiet: 20s\n");
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      var mark = "\0\n:{}[]-&*!|>'\"%@`#, ?é".charAt(random.nextInt(22));
      text.setCharAt(random.nextInt(text.length()), mark);
    }

    try {
      assertThat(read(text.toString()).domains()).isNotEmpty();
    } catch (ConfigException refused) {
      assertThat(refused.problems()).isNotEmpty();
    }
  }

  @Test
  void everyTruncationIsReadOrRefusedButNothingElse() {
    var whole = PUBLIC + "mappings: [{address: bob@example.org, inbox: hosted}]\n";
    var refusals = new ArrayList<Integer>();
    for (int length = 0; length < whole.length(); length++) {
      try {
        read(whole.substring(0, length));
      } catch (ConfigException refused) {
        refusals.add(length);
      }
    }

    assertThat(refusals).hasSizeGreaterThan(whole.length() / 2);
  }

  private static Config read(String text) throws ConfigException {
    return ConfigReader.read("postern.yml", text);
  }

  private static List<String> mistakes(String text) {
    return assertThrows(ConfigException.class, () -> read(text)).getMessage().lines().toList();
  }

  private static Mailbox mailbox(String text) throws Exception {
    return Mailbox.parse(text);
  }
}
