package io.postern.bridge;

import static io.postern.bridge.MailProgram.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.config.Mapping;
import io.postern.config.Provision;
import io.postern.mail.Delivery;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import io.postern.mapping.MappingRule;
import io.postern.smtp.ListenerKind;
import io.postern.smtp.SmtpSettings;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People at their mail programs, with a login, and what others are told. */
class SubmissionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** At home anywhere; no DNS says that this machine may send for them. */
  private static final Mailbox CAROL = new Mailbox("carol", "example.org");

  /** At home at the bridge domain; a mapping says how mail to them leaves. */
  private static final Mailbox BOB = new Mailbox("bob", TestBridge.DOMAIN);

  /** Has a login at the bridge domain, and no mapping. */
  private static final Mailbox DAVE = new Mailbox("dave", TestBridge.DOMAIN);

  @TempDir Path folder;
  private SelfMadeTls tls;
  private TestBridge bridge;
  private TestPeer alice;

  @BeforeEach
  void open() throws Exception {
    tls = SelfMadeTls.make();
    var free = Optional.of(new InetSocketAddress("127.0.0.1", 0));
    var smtp =
        SmtpSettings.of("127.0.0.1:0", TestBridge.DOMAIN)
            .withTls(tls.write(folder))
            .withSubmission(
                new SmtpSettings.Submission(
                    free, free, MailProgram.logins(folder, CAROL, BOB, DAVE)));
    var bobs = AddressPattern.parse(BOB.toString());
    var hosted = new MappingRule(bobs, new MappingRule.Host(), "postern.yml:1");
    var config =
        new TestConfig(folder.resolve("data"))
            .smtp(smtp)
            .provision(Provision.VERIFIED)
            .mappings(List.of(new Mapping(hosted, Optional.empty())))
            .get();
    bridge = TestBridge.open(config, new TestDns());
    alice = new TestPeer(folder, bridge.nodeUrl());
  }

  @AfterEach
  void close() {
    alice.close();
    bridge.close();
  }

  private MailProgram program(ListenerKind kind) {
    return new MailProgram(tls, kind, bridge.submissionPort(kind));
  }

  private void hears(String... words) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(String.join("\n", alice.heardTexts())).contains(words));
  }

  @Test
  void aPersonElsewhereIsCarriedWithoutDkimOrSpf() throws Exception {
    program(ListenerKind.SUBMISSION).send(CAROL, alice.mailbox(), "from port 587");
    hears("carol@example.org", "from port 587");

    program(ListenerKind.SUBMISSIONS).send(CAROL, alice.mailbox(), "from port 465");
    hears("from port 465");
  }

  @Test
  void aPersonAtTheBridgeDomainIsCarriedAndAnswered() throws Exception {
    program(ListenerKind.SUBMISSIONS).send(BOB, alice.mailbox(), "from the bridge itself");
    hears("bob@" + TestBridge.DOMAIN, "from the bridge itself");

    alice.answer("good morning");

    await().atMost(PATIENCE).until(() -> bridge.captured().size() == 1);
    var answer = bridge.captured().get(0);
    assertThat(answer.to().get(0).mailbox()).isEqualTo(BOB);
    assertThat(answer.bodies().get(0).plain().orElseThrow()).contains("good morning");
  }

  @Test
  void whoMayNotIsToldWhy() throws Exception {
    var kind = ListenerKind.SUBMISSION;
    var to = alice.mailbox();
    var elsewhere = new Mailbox("eve", "elsewhere.example");

    assertThatThrownBy(() -> program(kind).send(CAROL, "wrong password", CAROL, CAROL, to, "x"))
        .isInstanceOf(AuthenticationFailedException.class)
        .hasMessageContaining("535 5.7.8");
    assertThatThrownBy(() -> program(kind).send(CAROL, PASSWORD, CAROL, elsewhere, to, "x"))
        .hasStackTraceContaining("550 5.7.1 You are logged in as carol@example.org");
    assertThatThrownBy(() -> program(kind).send(CAROL, PASSWORD, elsewhere, CAROL, to, "x"))
        .hasStackTraceContaining("553 5.7.1 You are logged in as carol@example.org");
    assertThatThrownBy(() -> program(kind).send(CAROL, elsewhere, "x"))
        .isInstanceOf(SendFailedException.class)
        .hasStackTraceContaining("550 5.7.1 Postern relays to nobody");
    assertThatThrownBy(() -> program(kind).send(DAVE, to, "x"))
        .hasStackTraceContaining("550 5.7.1 No answer would reach dave@");
    assertThat(alice.heardTexts()).isEmpty();
  }

  @Test
  void nothingGoesInTheClearOrPastTheLogin() throws Exception {
    var clear = program(ListenerKind.SUBMISSION).inTheClear();

    assertThatThrownBy(() -> clear.send(CAROL, alice.mailbox(), "x"))
        .isInstanceOf(MessagingException.class);
    var forged = bridge.mail(BOB, alice.mailbox(), "From: <" + BOB + ">", "", "wire the money");
    assertThat(forged)
        .isInstanceOfSatisfying(
            Delivery.Refused.class,
            refused -> assertThat(refused.advice()).contains("needs a login"));
    var unproved = bridge.mail(CAROL, alice.mailbox(), "From: <" + CAROL + ">", "", "hello");
    assertThat(unproved).isInstanceOf(Delivery.Refused.class);
    assertThat(alice.heardTexts()).isEmpty();
  }
}
