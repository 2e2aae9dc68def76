package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.config.Config;
import io.postern.config.Mapping;
import io.postern.config.Provision;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.FetchedMail;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.DkimSigner;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.MappingRule;
import io.postern.mapping.SignatureLog;
import io.postern.out.Deliver;
import io.postern.out.SmarthostSender;
import io.postern.out.TlsMode;
import io.postern.smtp.JudgedSpool;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.Reception;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.SmtpReceiver;
import io.postern.smtp.SmtpSettings;
import io.postern.smtp.Spool;
import io.postern.xmtp.identity.InboxId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may speak, as a mail server hears it at the end of DATA. */
class SpeakersTest {
  private static final String DOMAIN = TestBridge.DOMAIN;
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final Mailbox ALICE = new Mailbox("alice", DOMAIN);

  /** What a domain publishes that lets this machine send in its name. */
  private static final String THIS_MACHINE = "v=spf1 ip4:127.0.0.1 -all";

  private final TestDns dns = new TestDns();
  @TempDir Path folder;
  private TestStore store;
  private Spool spool;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    spool = Spool.open(folder.resolve("spool"), Clock.systemUTC());
  }

  @AfterEach
  void close() throws Exception {
    spool.close();
    store.close();
  }

  private Config config(Provision provision, String... hosted) throws Exception {
    var mappings = new ArrayList<Mapping>();
    for (var pattern : hosted) {
      var address = AddressPattern.parse(pattern);
      var rule = new MappingRule(address, new MappingRule.Host(), "postern.yml:1");
      mappings.add(new Mapping(rule, Optional.empty()));
    }
    return new TestConfig(folder).provision(provision).mappings(mappings).get();
  }

  private Delivery mail(Config config, Envelope envelope, String... lines) throws Exception {
    var text = String.join("\r\n", lines) + "\r\n";
    return send(config, envelope, text.getBytes(StandardCharsets.UTF_8));
  }

  private Reception reception(Config config) {
    var signatures = new SignatureLog(store.jdbi());
    var sealers = List.of("lists.example");
    var authors = new AuthorCheck(dns, DOMAIN, sealers, signatures, Clock.systemUTC());
    var bindings = new BindingStore(store.jdbi());
    return new Reception(
        (recipient, soFar) -> new RecipientCheck.Served(),
        new Speakers(config, config.addressRules(), bindings, authors),
        new LoopCheck(List.of(DOMAIN)),
        spool);
  }

  private Delivery send(Config config, Envelope envelope, byte[] octets) throws Exception {
    var reception = reception(config);
    try (var receiver =
        SmtpReceiver.open(SmtpSettings.of("127.0.0.1:0", DOMAIN), reception, store.workers())) {
      var smtp =
          new SmarthostSender(
              new Deliver.Smarthost("127.0.0.1", receiver.port(), Optional.empty(), TlsMode.NONE),
              "client.localhost");
      return smtp.send(envelope, octets);
    }
  }

  /** As if it came from a folder into which others write, too. */
  private void fetch(Provision provision, byte[] octets) throws Exception {
    var reception = reception(config(provision));
    new JudgedSpool(reception)
        .accept(
            new FetchedMail(
                Envelope.of(BOB, List.of(ALICE)),
                Received.fetched(Instant.now(), true),
                octets.length,
                new ByteArrayInputStream(octets)),
            Optional.empty());
  }

  private Delivery from(Config config, String... fields) throws Exception {
    var lines = new ArrayList<>(List.of(fields));
    lines.add("");
    lines.add("text");
    return mail(config, Envelope.of(BOB, List.of(ALICE)), lines.toArray(String[]::new));
  }

  private static void assertRefused(Delivery delivery, String status, String words) {
    assertThat(delivery)
        .isInstanceOfSatisfying(
            Delivery.Refused.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(status);
              assertThat(refused.advice()).contains(words);
            });
  }

  @Test
  void inTheOpenEverybodySpeaks() throws Exception {
    assertThat(from(config(Provision.OPEN), "From: <bob@example.org>"))
        .isInstanceOf(Delivery.Delivered.class);
    assertThat(spool.size()).isEqualTo(1);
  }

  @Test
  void whereItIsClosedOnlyWhoHasAnInbox() throws Exception {
    dns.txt("example.org", THIS_MACHINE);

    assertRefused(
        from(config(Provision.CLOSED), "From: <bob@example.org>"), "5.7.1", "provision: closed");
    assertThat(spool.size()).isZero();
  }

  @Test
  void whoCanBeVerifiedSpeaks() throws Exception {
    dns.txt("example.org", THIS_MACHINE);

    assertThat(from(config(Provision.VERIFIED), "From: <bob@example.org>"))
        .isInstanceOf(Delivery.Delivered.class);
    var verdict = verdict();
    assertThat(verdict.authenticatedDomain()).isEqualTo("example.org");
    assertThat(verdict.returnable()).isTrue();
    assertThat(verdict.caution()).isEmpty();
    assertThat(verdict.results())
        .startsWith("Authentication-Results: " + DOMAIN + ";")
        .contains("spf=pass smtp.mailfrom=example.org", "dkim=none", "header.from=example.org");
  }

  @ParameterizedTest
  @EnumSource(
      value = Provision.class,
      names = {"CLOSED", "VERIFIED"})
  void aMappingPermitsButNeverAuthenticates(Provision provision) throws Exception {
    assertRefused(
        from(config(provision, "bob@example.org"), "From: <bob@example.org>"),
        "5.7.26",
        "nothing shows that example.org sent this mail");
    assertThat(spool.size()).isZero();
  }

  @Test
  void whatTheDnsCannotSayIsAskedLater() throws Exception {
    dns.silent("example.org");

    assertThat(from(config(Provision.VERIFIED), "From: <bob@example.org>"))
        .isInstanceOfSatisfying(
            Delivery.Deferred.class, deferred -> assertThat(deferred.status()).isEqualTo("4.7.24"));
  }

  @Test
  void anotherDomainsPassHelpsNobody() throws Exception {
    dns.txt("example.org", THIS_MACHINE).txt("victim.example", "v=spf1 -all");

    assertRefused(
        from(config(Provision.VERIFIED), "From: <boss@victim.example>"),
        "5.7.26",
        "SPF: pass, but for example.org");
  }

  @Test
  void aSignatureThatNamesTheRecipientLetsItsDomainSpeak() throws Exception {
    assertThat(signed("To: <alice@" + DOMAIN + ">", "Message-ID: <1@v.example>"))
        .isInstanceOf(Delivery.Delivered.class);

    var verdict = verdict();
    assertThat(verdict.authenticatedDomain()).isEqualTo("victim.example");
    assertThat(verdict.returnable()).as("the reverse-path is bob's, the mail another's").isFalse();
  }

  @Test
  void aSignedMailThatWasWrittenToOthersIsNotTakenFromStrangers() throws Exception {
    assertRefused(
        signed("To: <list@elsewhere.example>", "Message-ID: <1@v.example>"),
        "5.7.26",
        "not all its recipients stand in a To or Cc that was signed");
  }

  @ParameterizedTest
  @EnumSource(
      value = Provision.class,
      names = {"OPEN", "VERIFIED"})
  void ofWhatWasFetchedNothingButASignatureSpeaks(Provision provision) throws Exception {
    dns.txt("example.org", THIS_MACHINE);
    var mail = "From: <bob@example.org>\r\nTo: <" + ALICE + ">\r\n\r\ntext\r\n";

    assertThatThrownBy(() -> fetch(provision, mail.getBytes(StandardCharsets.UTF_8)))
        .hasMessageStartingWith("5.7.26");
    assertThat(spool.size()).isZero();

    fetch(provision, signedOctets("To: <" + ALICE + ">", "Message-ID: <1@v.example>"));
    assertThat(verdict().authenticatedDomain()).isEqualTo("victim.example");
    assertThat(verdict().returnable()).isFalse();
    assertThat(verdict().results()).contains("dkim=pass").doesNotContain("spf");
  }

  @Test
  void aSignedMailThatWasWrittenToOthersIsNotTakenFromAFolder() throws Exception {
    var mail = signedOctets("To: <list@elsewhere.example>", "Message-ID: <1@v.example>");

    assertThatThrownBy(() -> fetch(Provision.VERIFIED, mail))
        .hasMessageContaining("not all its recipients stand in a To or Cc that was signed");
  }

  @Test
  void whatSpfCouldNotSayMayBeAskedAgain() throws Exception {
    dns.silent("example.org");

    assertThat(signed("To: <list@elsewhere.example>", "Message-ID: <1@v.example>"))
        .isInstanceOfSatisfying(
            Delivery.Deferred.class, deferred -> assertThat(deferred.status()).isEqualTo("4.7.24"));
  }

  @Test
  void aSignatureCountsOnceForARecipientUnlessTheSameMailComesAgain() throws Exception {
    var mail = signedOctets("To: <alice@" + DOMAIN + ">", "Message-ID: <1@v.example>");
    var other =
        new String(mail, StandardCharsets.UTF_8).replace("Message-ID: <1@", "Message-ID: <2@");

    assertThat(send(mail)).isInstanceOf(Delivery.Delivered.class);
    assertThat(send(mail)).isInstanceOf(Delivery.Delivered.class);
    // Its Message-ID is signed, so the signature of the altered one fails.
    assertRefused(send(other.getBytes(StandardCharsets.UTF_8)), "5.7.26", "no valid signature");
  }

  @Test
  void whatIsAlteredAfterItWasSignedSpeaksForNobody() throws Exception {
    var mail = signedOctets("To: <alice@" + DOMAIN + ">", "Message-ID: <1@v.example>");
    var altered = new String(mail, StandardCharsets.UTF_8).replace("text", "test");

    assertRefused(send(altered.getBytes(StandardCharsets.UTF_8)), "5.7.26", "no valid signature");
  }

  private static final String VOUCHES = "dmarc=pass header.from=victim.example";

  /** As a list passes it on, from its own address. */
  private Delivery fromList(String sealer, String reverseDomain, String claim) throws Exception {
    var list = new SealedMail(sealer);
    dns.txt("sel._domainkey." + sealer, list.record()).txt(reverseDomain, THIS_MACHINE);
    var fields = List.of("From: <boss@victim.example>", "To: <talk@" + sealer + ">", "Subject: x");
    var octets = list.seal("mx." + sealer + "; " + claim, fields, "text\r\n");
    var envelope = Envelope.of(new Mailbox("bounces", reverseDomain), List.of(ALICE));
    return send(config(Provision.VERIFIED), envelope, octets);
  }

  @Test
  void aListThatTheOperatorTrustsVouchesForItsAuthors() throws Exception {
    assertThat(fromList("lists.example", "lists.example", VOUCHES))
        .isInstanceOf(Delivery.Delivered.class);

    var verdict = verdict();
    assertThat(verdict.authenticatedDomain()).isEqualTo("lists.example");
    assertThat(verdict.caution()).contains("lists.example");
    assertThat(verdict.results()).contains("arc=pass");
  }

  @Test
  void otherListsVouchForNobody() throws Exception {
    assertRefused(
        fromList("evil.example", "evil.example", VOUCHES), "5.7.26", "victim.example sent");
  }

  @Test
  void aListVouchesOnlyForWhomItNames() throws Exception {
    for (var claim :
        List.of(
            "dmarc=pass header.from=other.example",
            "dmarc=fail header.from=victim.example",
            "spf=pass smtp.mailfrom=victim.example",
            "dmarc=pass")) {
      assertRefused(
          fromList("lists.example", "lists.example", claim), "5.7.26", "victim.example sent");
    }
  }

  @Test
  void aSubscriberWhoSendsTheListsMailOnIsNotTheList() throws Exception {
    assertRefused(
        fromList("lists.example", "subscriber.example", VOUCHES), "5.7.26", "victim.example sent");
  }

  private Delivery signed(String... fields) throws Exception {
    return send(signedOctets(fields));
  }

  private byte[] signedOctets(String... fields) throws Exception {
    var key = TestKey.any();
    dns.txt("sel._domainkey.victim.example", key.record());
    var lines = new ArrayList<>(List.of("From: <boss@victim.example>"));
    lines.addAll(List.of(fields));
    lines.addAll(List.of("", "text", ""));
    var signer = new DkimSigner(List.of(new DkimSigner.Signature("victim.example", "sel", key)));
    var octets = String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8);
    return signer.sign(octets, Clock.systemUTC().instant());
  }

  private Delivery send(byte[] octets) throws Exception {
    return send(config(Provision.VERIFIED), Envelope.of(BOB, List.of(ALICE)), octets);
  }

  private Verdict verdict() throws Exception {
    return spool.due(Clock.systemUTC().instant().plusSeconds(1), 10).get(0).received().verdict();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bob@example.org", "*@example.org"})
  void whomTheConfigurationHostsSpeaks(String pattern) throws Exception {
    dns.txt("example.org", THIS_MACHINE);

    assertThat(from(config(Provision.CLOSED, pattern), "From: <bob@example.org>"))
        .isInstanceOf(Delivery.Delivered.class);
  }

  @Test
  void theHostOfOthersDoesNotHelp() throws Exception {
    assertRefused(
        from(config(Provision.CLOSED, "carol@example.org"), "From: <bob@example.org>"),
        "5.7.1",
        "No XMTP inbox is kept for bob@example.org");
  }

  @Test
  void whoWasGivenAnInboxBeforeSpeaksAfterThePolicyWasClosed() throws Exception {
    dns.txt("example.org", THIS_MACHINE);
    new BindingStore(store.jdbi())
        .add(new Binding.Hosted(BOB, new InboxId("1".repeat(64)), 0, Clock.systemUTC().instant()));

    assertThat(from(config(Provision.CLOSED), "From: <Bob@example.org>"))
        .isInstanceOf(Delivery.Delivered.class);
  }

  @Test
  void theEnvelopeSpeaksForNobody() throws Exception {
    assertRefused(
        from(config(Provision.CLOSED, "bob@example.org"), "From: <eve@example.org>"),
        "5.7.1",
        "eve@example.org");
  }

  @Test
  void aMailHasOneAuthor() throws Exception {
    var open = config(Provision.OPEN);

    assertRefused(from(open, "Subject: none"), "5.6.0", "one From field");
    assertRefused(
        from(open, "From: <bob@example.org>, <carol@example.org>"), "5.6.0", "one mailbox");
    assertRefused(
        from(open, "From: <bob@example.org>", "From: <carol@example.org>"),
        "5.6.0",
        "one From field");
    assertRefused(from(open, "From: bob"), "5.6.0", "one mailbox");
  }

  @Test
  void nobodySpeaksFromTheBridgesOwnDomain() throws Exception {
    assertRefused(
        from(config(Provision.OPEN), "From: <eve@" + DOMAIN.toUpperCase(Locale.ROOT) + ">"),
        "5.7.1",
        "needs a login");
  }

  @Test
  void aReportMakesNobodySpeak() throws Exception {
    var path = new Mailbox("b-" + "0".repeat(32), DOMAIN);

    assertThat(
            mail(
                config(Provision.CLOSED),
                Envelope.fromNobody(List.of(path)),
                "From: <mailer-daemon@example.org>",
                "",
                "text"))
        .isInstanceOf(Delivery.Delivered.class);
  }
}
