package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartTlsTest {
  @TempDir Path folder;
  private SmtpSettings.TlsFiles files;
  private TestServer server;

  @BeforeEach
  void open() throws Exception {
    files = TestCertificate.write(folder.resolve("tls"), "EC", TestCertificate.KeyForm.PKCS8);
    server = TestServer.open(folder.resolve("spool"), settings -> settings.withTls(files));
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void takesAMailOverTls(String protocol) throws Exception {
    try (var client = ScriptedClient.connect(server.port())) {
      client.expect("220 ");
      assertThat(client.ask("EHLO client.example", "250")).contains("250 STARTTLS");
      client.ask("STARTTLS", "220 2.0.0");
      client.startTls(protocol);
      assertEquals(protocol, client.tlsProtocol());
      assertThat(client.ask("EHLO client.example", "250")).doesNotContain("STARTTLS");
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("DATA", "354");
      client.raw("\r\nhi\r\n.\r\n");
      client.expect("250 2.0.0");
      client.ask("QUIT", "221 2.0.0");
      client.expectClosed();
    }

    var mail = server.spooled().get(0);
    assertTrue(mail.received().tls());
    assertThat(server.handedOn()).contains(" with ESMTPS (" + protocol + " TLS_");
  }

  @Test
  void whatWasSentInTheClearAfterStartTlsIsDropped() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.raw("STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<ceo@example.org>\r\n");
      client.expect("220 2.0.0");
      client.startTls();
      client.ask("RCPT TO:<alice@bridge.example>", "503 5.5.1");
      client.ask("MAIL FROM:<bob@example.org>", "503 5.5.1 Bad sequence of commands: say EHLO");
    }
  }

  @Test
  void allThatWasSaidBeforeIsForgotten() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("MAIL FROM:<bob@example.org>", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "250");
      client.ask("STARTTLS", "220 2.0.0");
      client.startTls();
      client.ask("DATA", "503 5.5.1");
      client.ask("MAIL FROM:<bob@example.org>", "503 5.5.1");
      client.ask("EHLO client.example", "250");
      client.ask("RCPT TO:<alice@bridge.example>", "503 5.5.1");
      client.ask("STARTTLS", "503 5.5.1");
    }
  }

  @Test
  void startTlsHasNoArgument() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("STARTTLS now", "501 5.5.4");
      client.ask("NOOP", "250");
    }
  }

  @Test
  void whoDoesNotSpeakTlsIsLeftWithoutAnyPlainReply() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("STARTTLS", "220 2.0.0");
      client.send("EHLO client.example");
      assertThat(client.rest()).doesNotContain("250", "421");
    }
  }

  @Test
  void whoNeverBeginsTheHandshakeIsLeft(@TempDir Path other) throws Exception {
    var minute = Duration.ofMinutes(1);
    try (var hasty =
            TestServer.open(
                other,
                settings ->
                    settings.withTls(files).withTimeouts(Duration.ofSeconds(2), minute, minute));
        var client = ScriptedClient.introduced(hasty.port())) {
      client.ask("STARTTLS", "220 2.0.0");
      assertThat(client.rest()).doesNotContain("421");
    }
  }

  @Test
  void nothingOlderThanTls12IsSpoken() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("STARTTLS", "220 2.0.0");
      assertThrows(IOException.class, () -> client.startTls("TLSv1.1"));
    }
  }

  @ParameterizedTest
  @CsvSource({"RSA, PKCS8", "RSA, TRADITIONAL", "EC, PKCS8", "EC, TRADITIONAL", "Ed25519, PKCS8"})
  void readsTheUsualKeyFiles(String algorithm, TestCertificate.KeyForm form) throws Exception {
    var other = TestCertificate.write(folder.resolve("other"), algorithm, form);

    assertEquals("TLS", TlsIdentity.read(other).getProtocol());
  }

  @Test
  void saysWhichFileIsWrong() throws Exception {
    var other = TestCertificate.write(folder.resolve("b"), "EC", TestCertificate.KeyForm.PKCS8);
    var rsa = TestCertificate.write(folder.resolve("c"), "RSA", TestCertificate.KeyForm.PKCS8);
    var text = Files.writeString(folder.resolve("text"), "no PEM at all");
    var broken =
        Files.writeString(
            folder.resolve("broken"),
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    var absent = folder.resolve("absent");

    assertSays("is not the key of the first certificate", files.certificate(), other.key());
    assertSays("is not the key of the first certificate", files.certificate(), rsa.key());
    assertSays("holds no private key", files.certificate(), text);
    assertSays("private key in PEM", files.certificate(), broken);
    assertSays("no such file", files.certificate(), absent);
    assertSays("no such file", absent, files.key());
    assertSays("text: ", text, files.key());
  }

  private static void assertSays(String what, Path certificate, Path key) {
    var refused =
        assertThrows(
            IOException.class, () -> TlsIdentity.read(new SmtpSettings.TlsFiles(certificate, key)));

    assertThat(refused).hasMessageContaining(what);
  }

  @Test
  void aNewCertificateIsUsedAfterAReloadAndABrokenOneIsNot() throws Exception {
    TestCertificate.write(folder.resolve("tls"), "RSA", TestCertificate.KeyForm.PKCS8);
    server.receiver.reloadTls();
    assertThat(cipherSuite()).contains("ECDHE_RSA");

    Files.writeString(files.key(), "no key");
    assertThrows(IOException.class, server.receiver::reloadTls);
    assertThat(cipherSuite()).contains("ECDHE_RSA");
  }

  @Test
  void aRenewedCertificateIsNoticedAndABrokenOneLeavesTheOldInUse() throws Exception {
    assertFalse(server.receiver.reloadChangedTls());

    TestCertificate.write(folder.resolve("tls"), "RSA", TestCertificate.KeyForm.PKCS8);
    assertTrue(server.receiver.reloadChangedTls());
    assertFalse(server.receiver.reloadChangedTls());
    assertThat(cipherSuite()).contains("ECDHE_RSA");

    Files.writeString(files.key(), "no key");
    assertThrows(IOException.class, server.receiver::reloadChangedTls);
    assertThrows(IOException.class, server.receiver::reloadChangedTls);
    assertThat(cipherSuite()).contains("ECDHE_RSA");

    Files.delete(files.key());
    assertThrows(IOException.class, server.receiver::reloadChangedTls);
    assertThat(cipherSuite()).contains("ECDHE_RSA");

    TestCertificate.write(folder.resolve("tls"), "EC", TestCertificate.KeyForm.PKCS8);
    assertTrue(server.receiver.reloadChangedTls());
    assertThat(cipherSuite()).contains("ECDHE_ECDSA");
  }

  private String cipherSuite() throws Exception {
    try (var client = ScriptedClient.introduced(server.port())) {
      client.ask("STARTTLS", "220 2.0.0");
      client.startTls("TLSv1.2");
      return client.tlsCipherSuite();
    }
  }
}
