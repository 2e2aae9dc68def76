package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.postern.config.VaultSettings;
import io.postern.xmtp.store.Argon2id;
import io.postern.xmtp.store.Vault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class VaultFileTest {
  private static final byte[] PLAIN = "plain".getBytes(StandardCharsets.UTF_8);
  private static final String KEY =
      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("vault.key");
  }

  private Vault opened() throws BridgeException {
    return Vault.of(VaultFile.key(new VaultSettings.KeyFile(file, true)));
  }

  @Test
  void isMadeForItsOwnerOnlyAndOpensWhatItSealed() throws Exception {
    var sealed = opened().seal("a place", PLAIN);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).matches("[0-9a-f]{64}\n");
    assertThat(opened().open("a place", sealed)).isEqualTo(PLAIN);
  }

  @Test
  void warnsOfAKeyThatOthersMayRead() throws Exception {
    var logger = (Logger) LoggerFactory.getLogger(PrivateFile.class);
    var log = new ListAppender<ILoggingEvent>();
    log.start();
    logger.addAppender(log);
    try {
      opened();
      opened();
      assertThat(log.list).isEmpty();

      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
      opened();
    } finally {
      logger.detachAppender(log);
    }

    assertThat(log.list)
        .singleElement()
        .satisfies(line -> assertThat(line.getFormattedMessage()).contains("chmod 600 " + file));
  }

  @Test
  void eachKeyIsAnother() throws Exception {
    opened();
    var other = folder.resolve("other.key");
    VaultFile.key(new VaultSettings.KeyFile(other, true));

    assertThat(Files.readString(file)).isNotEqualTo(Files.readString(other));
  }

  @Test
  void aHalfMadeFileIsNoKeyAndIsMadeAnew() throws Exception {
    var half = folder.resolve("vault.key.new");
    Files.writeString(half, "0011");

    opened();

    assertThat(file).exists();
    assertThat(half).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {KEY, KEY + "\n", "  " + KEY + " \r\n"})
  void whiteSpaceAroundTheDigitsIsNoMistake(String text) throws Exception {
    Files.writeString(file, text);
    var sealed = opened().seal("a place", PLAIN);
    Files.writeString(file, KEY.toUpperCase(java.util.Locale.ROOT));

    assertThat(opened().open("a place", sealed)).isEqualTo(PLAIN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "0011",
        KEY + "00",
        "g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "0011223344556677 8899aabbccddeeff00112233445566778899aabbccddee",
        "ÿ0112233445566778899aabbccddeeff00112233445566778899aabbccddeef"
      })
  void refusesEverythingThatIsNotSixtyFourDigits(String text) throws Exception {
    Files.writeString(file, text);

    assertThatThrownBy(() -> opened())
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("64 hex digits")
        // The folder's name is drawn by lot, and may have such digits.
        .satisfies(
            refused ->
                assertThat(refused.getMessage().replace(file.toString(), ""))
                    .doesNotContain("0011"));
    assertThat(Files.readString(file)).as("the file is left alone").isEqualTo(text);
  }

  @Test
  void refusesAFileThatIsTooLargeForAKey() throws Exception {
    Files.write(file, new byte[2000]);

    assertThatThrownBy(() -> opened()).hasMessageContaining("too large");
  }

  @Test
  void isNeverMadeWhereLosingItWouldCost() {
    assertThatThrownBy(() -> VaultFile.key(new VaultSettings.KeyFile(file, false)))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("vault.keyFile " + file)
        .hasMessageContaining("openssl rand -hex 32");
    assertThat(file).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "short", "short\n", "two lines are\none too many", "a\0b"})
  void refusesWhatIsNoPassphrase(String text) throws Exception {
    Files.writeString(file, text);

    assertThatThrownBy(() -> VaultFile.check(new VaultSettings.PassphraseFile(file)))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("vault.passphraseFile " + file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n"})
  void theEndOfTheLineIsNoPartOfThePassphrase(String end) throws Exception {
    var stretch = Optional.of(new Argon2id(64, 1, 1, new byte[16]));
    var settings = new VaultSettings.PassphraseFile(file);
    Files.writeString(file, " correct horse battery ");
    var key = VaultFile.master(settings, stretch);
    Files.writeString(file, " correct horse battery " + end);

    assertThat(VaultFile.master(settings, stretch)).isEqualTo(key);
  }
}
