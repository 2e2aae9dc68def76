package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.STUFFED;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.mail.Delivery;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** STARTTLS, TLS from the start, and logging in. */
class SmtpTlsTest {
  @TempDir Path folder;

  private Login login() throws Exception {
    var file = folder.resolve("password");
    Files.writeString(file, "s3cret p\u00e4ss\n");
    return new Login("alice", file);
  }

  private static Delivery send(ScriptedServer server, TlsMode tls, Optional<Login> login) {
    server.start();
    var settings = new Deliver.Smarthost("127.0.0.1", server.port(), login, tls);
    return new SmarthostSender(settings, Sample.client(Sample.patient())).send(envelope(), OCTETS);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void playTransaction(ScriptedServer server) {
    server.expect("MAIL FROM:<alice@bridge.example>").reply("250 ok");
    server.expect("RCPT TO:<bob@example.org>").reply("250 ok");
    server.expect("DATA").reply("354 go ahead");
    server.expectOctets(STUFFED).reply("250 2.0.0 taken");
  }

  @ParameterizedTest
  @EnumSource(
      value = TlsMode.class,
      names = {"REQUIRED", "OPPORTUNISTIC"})
  void startsTlsAndForgetsWhatWasOfferedBefore(TlsMode tls) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example");
      server.reply("250-mx.example.org", "250-SIZE 5", "250 STARTTLS");
      server.expect("STARTTLS").reply("220 2.0.0 go").startTls();
      server.expect("EHLO bridge.example").reply("250 mx.example.org");
      playTransaction(server);

      var delivery = send(server, tls, Optional.empty());

      assertThat(delivery).isEqualTo(new Delivery.Delivered("2.0.0 taken"));
    }
  }

  @Test
  void speaksTlsFromTheStart() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTls().reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250 mx.example.org");
      playTransaction(server);

      var delivery = send(server, TlsMode.IMPLICIT, Optional.empty());

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void dropsPlaintextBehindTheReplyToStartTls() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      server.expect("STARTTLS");
      // One write: the forged reply to the second EHLO arrives together with the 220.
      server.reply("220 2.0.0 go", "250-forged", "250 AUTH LOGIN").startTls();
      server.expect("EHLO bridge.example").reply("250 mx.example.org");
      playTransaction(server);

      var delivery = send(server, TlsMode.REQUIRED, Optional.empty());

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void waitsWhenStartTlsIsStripped() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 AUTH PLAIN");
      server.expect("QUIT").reply("221 bye");

      var delivery = send(server, TlsMode.REQUIRED, Optional.of(login()));

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.4");
    }
  }

  @Test
  void aRefusalBeforeRequiredTlsIsNotFinal() throws Exception {
    try (var greeting = new ScriptedServer();
        var hello = new ScriptedServer()) {
      greeting.reply("554 5.1.1 go away");
      hello.reply("220 mx.example.org");
      hello.expect("EHLO bridge.example").reply("550 5.7.1 go away");
      hello.expect("HELO bridge.example").reply("550 5.7.1 go away");

      var atGreeting = send(greeting, TlsMode.REQUIRED, Optional.empty());
      var atHello = send(hello, TlsMode.REQUIRED, Optional.empty());

      assertThat(brief(atGreeting)).isEqualTo("Deferred 4.1.1");
      assertThat(brief(atHello)).isEqualTo("Deferred 4.7.1");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"454 4.7.0 not now", "502 5.5.1 no", "250 sure"})
  void waitsWhenRequiredTlsIsRefused(String reply) throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      server.expect("STARTTLS").reply(reply);

      var delivery = send(server, TlsMode.REQUIRED, Optional.empty());

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.4");
      assertThat(words(delivery)).contains(reply);
    }
  }

  @Test
  void goesOnInTheClearWhenOpportunisticTlsIsRefused() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      server.expect("STARTTLS").reply("454 4.7.0 not now");
      playTransaction(server);

      var delivery = send(server, TlsMode.OPPORTUNISTIC, Optional.empty());

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void connectsAgainInTheClearWhenAnOpportunisticHandshakeFails() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      server.expect("STARTTLS").reply("220 go").drop();
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      playTransaction(server);

      var delivery = send(server, TlsMode.OPPORTUNISTIC, Optional.empty());

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void waitsWhenARequiredHandshakeFails() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      server.expect("STARTTLS").reply("220 go").drop();

      var delivery = send(server, TlsMode.REQUIRED, Optional.empty());

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.5");
    }
  }

  @Test
  void waitsWhenTheCertificateBearsAnotherName() throws Exception {
    try (var server = new ScriptedServer()) {
      server.reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 STARTTLS");
      server.expect("STARTTLS").reply("220 go").startTlsInVain().start();
      var client = Sample.client(Sample.patient());
      var other =
          client.named("other.example.org", server.address(), TlsMode.REQUIRED, Optional.empty());

      var stop = refusalOf(client, other);

      assertThat(brief(stop.outcome())).isEqualTo("Deferred 4.7.5");
    }
  }

  @Test
  void waitsWhenNobodyVouchesForTheCertificate() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTlsInVain().start();
      var client = new SmtpClient("bridge.example", Sample.patient(), TlsTrust.authorities());
      var stranger =
          client.named("mx.example.org", server.address(), TlsMode.IMPLICIT, Optional.empty());

      var stop = refusalOf(client, stranger);

      assertThat(brief(stop.outcome())).isEqualTo("Deferred 4.7.5");
    }
  }

  private static UndeliveredException refusalOf(SmtpClient client, SmtpClient.Server server) {
    try (var session = client.open(server)) {
      throw new AssertionError("opened " + session);
    } catch (UndeliveredException stop) {
      return stop;
    }
  }

  @Test
  void logsInWithPlain() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTls().reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 auth LOGIN plain");
      server.expect("AUTH PLAIN").reply("334 ");
      server.expect(base64("\0alice\0s3cret p\u00e4ss")).reply("235 2.7.0 welcome");
      playTransaction(server);

      var delivery = send(server, TlsMode.IMPLICIT, Optional.of(login()));

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @Test
  void logsInWithLoginWhereThatIsAll() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTls().reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 AUTH CRAM-MD5 LOGIN");
      server.expect("AUTH LOGIN").reply("334 VXNlcm5hbWU6");
      server.expect(base64("alice")).reply("334 UGFzc3dvcmQ6");
      server.expect(base64("s3cret p\u00e4ss")).reply("235 2.7.0 welcome");
      playTransaction(server);

      var delivery = send(server, TlsMode.IMPLICIT, Optional.of(login()));

      assertThat(brief(delivery)).isEqualTo("Delivered");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"535 5.7.8 wrong", "454 4.7.8 not now", "535", "334 more"})
  void waitsWhenTheLoginIsRefused(String reply) throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTls().reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 AUTH PLAIN");
      server.expect("AUTH PLAIN").reply("334 ");
      server.expect(base64("\0alice\0s3cret p\u00e4ss")).reply(reply);

      var delivery = send(server, TlsMode.IMPLICIT, Optional.of(login()));

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.8");
      assertThat(words(delivery)).contains(reply.strip()).doesNotContain("s3cret");
    }
  }

  @Test
  void waitsWhenNoLoginIsOfferedThatWeKnow() throws Exception {
    try (var server = new ScriptedServer()) {
      server.startTls().reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 AUTH XOAUTH2");

      var delivery = send(server, TlsMode.IMPLICIT, Optional.of(login()));

      assertThat(brief(delivery)).isEqualTo("Deferred 4.7.4");
    }
  }

  @Test
  void waitsWhenThePasswordFileIsMissing() throws Exception {
    var missing = new Login("alice", folder.resolve("nowhere"));
    try (var server = new ScriptedServer()) {
      server.startTls().reply("220 mx.example.org");
      server.expect("EHLO bridge.example").reply("250-mx.example.org", "250 AUTH PLAIN");
      server.expect("AUTH PLAIN").reply("334 ");

      var delivery = send(server, TlsMode.IMPLICIT, Optional.of(missing));

      assertThat(brief(delivery)).isEqualTo("Deferred 4.3.5");
    }
  }
}
