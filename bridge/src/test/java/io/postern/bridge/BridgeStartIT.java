package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.config.Config;
import io.postern.config.NetworkSettings;
import io.postern.config.VaultSettings;
import io.postern.smtp.Spool;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails says where, what and what to do, and leaves nothing running. */
class BridgeStartIT {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("data");
  }

  private void assertFails(Config config, String... words) {
    assertThatThrownBy(() -> Bridge.open(config, Clock.systemUTC()))
        .isInstanceOf(BridgeException.class)
        .message()
        .contains(words);
    var left =
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(List.of("spool", "outbox", "bundles", "xmtp-to-mail", "reports")::contains);
    assertThat(left).as("loops that still run").isEmpty();
  }

  /** Locks, ports and files are free again. */
  private void assertStarts() throws Exception {
    try (var bridge = Bridge.open(new TestConfig(data).get(), Clock.systemUTC())) {
      assertThat(bridge.smtpAddress().getPort()).isPositive();
    }
  }

  private static ServerSocket taken() throws Exception {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @Test
  void theSmtpPortIsTaken() throws Exception {
    try (var other = taken()) {
      var port = other.getLocalPort();
      assertFails(
          new TestConfig(data).smtpPort(port).get(), "smtp", "127.0.0.1:" + port, "smtp.listen");
    }
    assertStarts();
  }

  @Test
  void thePortOfTheStatusPageIsTaken() throws Exception {
    try (var other = taken()) {
      var port = other.getLocalPort();
      assertFails(
          new TestConfig(data).webPort(port).get(),
          "web.listen: cannot listen on 127.0.0.1:" + port,
          "choose another port");
    }
    assertStarts();
  }

  @Test
  void thePortOfTheNodeIsTaken() throws Exception {
    try (var other = taken()) {
      var port = other.getLocalPort();
      assertFails(new TestConfig(data).nodePort(port).get(), "node", ":" + port, "choose a free");
    }
    assertStarts();
  }

  @Test
  void theVaultKeyIsAbsent() throws Exception {
    var key = folder.resolve("absent.key");

    assertFails(new TestConfig(data).vault(key).get(), "vault.keyFile " + key, "openssl rand");
    assertStarts();
  }

  @Test
  void theVaultKeyIsNone() throws Exception {
    var key = folder.resolve("bad.key");
    Files.writeString(key, "no key");

    assertFails(new TestConfig(data).vault(key).get(), "vault.keyFile " + key, "64 hex digits");
    assertStarts();
  }

  @Test
  void theVaultKeyIsAnother() throws Exception {
    try (var bridge = TestBridge.open(data)) {
      var alice = new TestPeer(folder, bridge.nodeUrl());
      bridge.mail(
          new io.postern.mail.Mailbox("bob", "example.org"),
          alice.mailbox(),
          "From: <bob@example.org>",
          "",
          "so that there is an inbox");
      org.awaitility.Awaitility.await().until(() -> !alice.heardTexts().isEmpty());
      alice.close();
    }
    var key = folder.resolve("other.key");
    Files.writeString(key, "00".repeat(32));

    assertFails(new TestConfig(data).vault(key).get(), "vault", "does not open", "jdbc:h2:");
    assertStarts();
  }

  @Test
  void nobodyHasMadeASeedWhereIdentitiesAreWorthSomething() throws Exception {
    var key = folder.resolve("vault.key");
    Files.writeString(key, "00".repeat(32));
    var network = new NetworkSettings.At(URI.create("http://127.0.0.1:1"));

    assertFails(new TestConfig(data, network).vault(key).get(), "vault", "postern vault create");
  }

  @Test
  void theVaultOpensWithAPassphraseAndAKeyFileIsNamed() throws Exception {
    var passphrase = folder.resolve("passphrase");
    Files.writeString(passphrase, "correct horse battery\n");
    var byPassphrase = new TestConfig(data).vault(new VaultSettings.PassphraseFile(passphrase));
    TestBridge.open(byPassphrase.get(), Clock.systemUTC()).close();

    assertFails(new TestConfig(data).get(), "vault.keyFile", "vault.passphraseFile");
    Files.writeString(passphrase, "correct horse stable\n");
    assertFails(byPassphrase.get(), "vault", "does not open");
    Files.writeString(passphrase, "correct horse battery");
    TestBridge.open(byPassphrase.get(), Clock.systemUTC()).close();
  }

  @Test
  void theVaultOpensWithAKeyFileAndAPassphraseIsNamed() throws Exception {
    assertStarts();
    var passphrase = folder.resolve("passphrase");
    Files.writeString(passphrase, "correct horse battery\n");

    assertFails(
        new TestConfig(data).vault(new VaultSettings.PassphraseFile(passphrase)).get(),
        "vault.passphraseFile",
        "vault.keyFile");
    assertStarts();
  }

  @Test
  void theDataFolderIsAFile() throws Exception {
    Files.writeString(data, "a file");

    assertFails(new TestConfig(data).get(), "data: the folder " + data, "in the way");
  }

  @Test
  void anotherDaemonHasTheDatabase() throws Exception {
    assertStarts();
    try (var channel = FileChannel.open(data.resolve("postern.mv.db"), StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertFails(new TestConfig(data).get(), "store.url", "another postern");
    }
    assertStarts();
  }

  @Test
  void anotherDaemonHasTheSpool() throws Exception {
    try (var spool = Spool.open(data.resolve("spool"), Clock.systemUTC())) {
      assertThat(spool.size()).isZero();
      assertFails(new TestConfig(data).get(), "spool", "another process");
    }
    assertStarts();
  }

  @Test
  void closingTwiceIsClosingOnce() throws Exception {
    var bridge = Bridge.open(new TestConfig(data).get(), Clock.systemUTC());

    bridge.close();
    bridge.close();

    assertStarts();
  }
}
