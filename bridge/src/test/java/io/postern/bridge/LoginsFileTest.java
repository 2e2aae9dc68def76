package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Mailbox;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords, the file of their hashes, and what is said when it is wrong. */
class LoginsFileTest {
  private static final Mailbox BOB = new Mailbox("bob", "example.org");
  private static final String PASSWORD = "correct horse battery";

  /** Made elsewhere: argon2 of the reference implementation, of the password "password". */
  private static final String REFERENCE =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$" + "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void makeFile() throws Exception {
    file = folder.resolve("logins");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hash(String password) {
    return PasswordHash.of(octets(password), new SecureRandom()).phc();
  }

  private LoginsFile holding(String text) throws Exception {
    Files.writeString(file, text);
    return LoginsFile.open(file);
  }

  @Test
  void knowsWhoseThePasswordIs() throws Exception {
    var logins = holding("# people\n\n  bob@example.org:" + hash(PASSWORD) + "\r\n");

    assertThat(logins.check("bob@example.org", octets(PASSWORD))).contains(BOB);
    assertThat(logins.check("BOB@Example.Org", octets(PASSWORD))).contains(BOB);
    assertThat(logins.check("bob@example.org", octets(PASSWORD + "x"))).isEmpty();
    assertThat(logins.check("bob@example.org", octets(""))).isEmpty();
    assertThat(logins.check("carol@example.org", octets(PASSWORD))).isEmpty();
    assertThat(logins.check("bob", octets(PASSWORD))).isEmpty();
    assertThat(logins.check("", octets(PASSWORD))).isEmpty();
  }

  @Test
  void readsWhatOthersHaveHashed() {
    var hash = PasswordHash.parse(REFERENCE);

    assertThat(hash.matches(octets("password"))).isTrue();
    assertThat(hash.matches(octets("passwort"))).isFalse();
    assertThat(hash.phc()).isEqualTo(REFERENCE);
    assertThat(hash.toString()).doesNotContain("CTFhFdXP");
  }

  @Test
  void everyHashHasASaltOfItsOwn() {
    assertThat(hash(PASSWORD))
        .isNotEqualTo(hash(PASSWORD))
        .startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
  }

  @Test
  void nobodyLogsInWithAnEmptyFile() throws Exception {
    var logins = holding("");

    assertThat(logins.check("bob@example.org", octets(PASSWORD))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@example.org:hunter2hunter2",
        "bob@example.org hunter2hunter2",
        "bob:$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$hunter2hunter2hunter2h",
        "bob@example.org:$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$hunter2hunter2hunter2h",
        "bob@example.org:$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$hunter2hunter2hunter2h",
        "bob@example.org:$argon2id$v=19$m=999999,t=2,p=1$c29tZXNhbHQ$hunter2hunter2hunter2h",
        "bob@example.org:$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$hunter2hunter2hunter2h",
        "bob@example.org:$argon2id$v=19$m=19456,t=2,p=1$c29$hunter2hunter2hunter2h",
        "bob@example.org:$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$hunter2",
        "bob@example.org:$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$hunter2hunter2=",
        ":$",
      })
  void aLineThatIsNoneIsNamedAndNotShown(String line) {
    assertThatThrownBy(() -> holding("# people\n" + line + "\n"))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining(file + ":2: ")
        .hasMessageContaining("write user@domain:$argon2id$")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void anAddressStandsThereOnce() {
    var line = "bob@example.org:" + hash(PASSWORD) + "\n";

    assertThatThrownBy(() -> holding(line + line.replace("bob@", "BOB@")))
        .hasMessageContaining(file + ":2: bob@example.org stands there twice");
  }

  @ParameterizedTest
  @CsvSource({"rw-r-----", "rw-rw----", "rw----r--", "rw-----w-"})
  void aFileThatOthersCanReadOrWriteIsRefused(String permissions) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));

    assertThatThrownBy(() -> LoginsFile.open(file)).hasMessageContaining("write chmod 600 " + file);
  }

  @Test
  void aFileThatIsNotThereOrIsNoTextIsNamed() throws Exception {
    assertThatThrownBy(() -> LoginsFile.open(folder.resolve("absent")))
        .hasMessageContaining("there is no such file; make the file");

    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> LoginsFile.open(file)).hasMessageContaining("is not UTF-8");

    Files.write(file, new byte[(1 << 20) + 1]);
    assertThatThrownBy(() -> LoginsFile.open(file)).hasMessageContaining("larger than 1 MiB");
  }

  @Test
  void aChangedFileIsTakenUpAndABrokenOneLeavesTheOldInUse() throws Exception {
    var logins = holding("bob@example.org:" + hash(PASSWORD) + "\n");

    Files.writeString(file, "bob@example.org:" + hash("another one") + "\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
    logins.reloadChanged();
    assertThat(logins.check("bob@example.org", octets(PASSWORD))).isEmpty();
    assertThat(logins.check("bob@example.org", octets("another one"))).contains(BOB);

    Files.writeString(file, "nonsense\n");
    assertThatThrownBy(logins::reloadChanged).hasMessageContaining(file + ":1: ");
    Files.delete(file);
    assertThatThrownBy(logins::reloadChanged).hasMessageContaining("there is no such file");
    assertThat(logins.check("bob@example.org", octets("another one"))).contains(BOB);
  }

  @Test
  void theCommandReadsOneLine() throws Exception {
    assertThat(LoginCommand.line(new ByteArrayInputStream(octets("secret one\r\nmore"))))
        .isEqualTo(octets("secret one"));
    assertThat(LoginCommand.line(new ByteArrayInputStream(octets("secret"))))
        .isEqualTo(octets("secret"));
    assertThatThrownBy(() -> LoginCommand.line(new ByteArrayInputStream(octets("a\0b"))))
        .isInstanceOf(BridgeException.class);
    assertThatThrownBy(() -> LoginCommand.line(new ByteArrayInputStream(new byte[5000])))
        .isInstanceOf(BridgeException.class);
  }
}
