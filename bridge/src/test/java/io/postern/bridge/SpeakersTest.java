package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.config.Config;
import io.postern.config.Mapping;
import io.postern.config.Provision;
import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.MappingRule;
import io.postern.out.Deliver;
import io.postern.out.SmarthostSender;
import io.postern.out.TlsMode;
import io.postern.smtp.LoopCheck;
import io.postern.smtp.Reception;
import io.postern.smtp.RecipientCheck;
import io.postern.smtp.SmtpReceiver;
import io.postern.smtp.SmtpSettings;
import io.postern.smtp.Spool;
import io.postern.xmtp.identity.InboxId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
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
    var speakers = new Speakers(config, config.addressRules(), new BindingStore(store.jdbi()));
    var reception =
        new Reception(
            (recipient, soFar) -> new RecipientCheck.Served(),
            speakers,
            new LoopCheck(List.of(DOMAIN)),
            spool);
    try (var receiver =
        SmtpReceiver.open(SmtpSettings.of("127.0.0.1:0", DOMAIN), reception, store.workers())) {
      var smtp =
          new SmarthostSender(
              new Deliver.Smarthost("127.0.0.1", receiver.port(), Optional.empty(), TlsMode.NONE),
              "client.localhost");
      var text = String.join("\r\n", lines) + "\r\n";
      return smtp.send(envelope, text.getBytes(StandardCharsets.UTF_8));
    }
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

  @ParameterizedTest
  @EnumSource(
      value = Provision.class,
      names = {"CLOSED", "VERIFIED"})
  void elsewhereOnlyWhoHasAnInbox(Provision provision) throws Exception {
    assertRefused(
        from(config(provision), "From: <bob@example.org>"),
        "5.7.1",
        "provision: " + provision.name().toLowerCase(Locale.ROOT));
    assertThat(spool.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bob@example.org", "*@example.org"})
  void whomTheConfigurationHostsSpeaks(String pattern) throws Exception {
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
