package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.config.DkimSettings;
import io.postern.mail.auth.Dkim;
import io.postern.mail.auth.DkimResult;
import io.postern.mail.auth.SignedMail;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** From the command that makes a key to a mail that its record verifies. */
class DkimCommandTest {
  private static final Instant NOW = Instant.parse("2026-02-03T10:00:00Z");

  @TempDir Path folder;

  private String run(String... arguments) {
    var out = new StringWriter();
    int code =
        new CommandLine(new DkimCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .execute(arguments);
    assertThat(code).isZero();
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa", "ed25519"})
  void whatItPrintsVerifiesWhatItsKeySigns(String kind) throws Exception {
    var file = folder.resolve("key.pem");

    var printed = run("--kind", kind, "--selector", "s1", file.toString());

    var domain = "bridge.localhost";
    var line =
        printed
            .lines()
            .filter(each -> each.startsWith("s1._domainkey." + domain))
            .findFirst()
            .orElseThrow();
    var record = line.substring(line.indexOf('"')).replace("\" \"", "").replace("\"", "");
    var mail = "From: <a@" + domain + ">\r\nSubject: x\r\n\r\nhi\r\n";
    var settings = List.of(new DkimSettings("s1", file));
    var signer = MailSigning.open(settings, List.of(domain));
    var signed = signer.sign(mail.getBytes(StandardCharsets.UTF_8), NOW);
    var dns = new TestDns().txt("s1._domainkey." + domain, record);
    var results = Dkim.verify(SignedMail.read(new ByteArrayInputStream(signed)), dns, NOW);
    assertThat(results).singleElement().satisfies(one -> assertThat(one.passed()).isTrue());
    assertThat(results).extracting(DkimResult::domain).containsExactly(domain);
  }

  @Test
  void aKeyIsForItsOwnerAloneAndNeverReplaced() throws Exception {
    var file = folder.resolve("key.pem");
    run("--kind", "ed25519", file.toString());
    var first = Files.readAllBytes(file);

    var again = run("--kind", "ed25519", file.toString());

    assertThat(again).contains("is there already and stays as it is", "v=DKIM1; k=ed25519");
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void halfAKeyIsNamedWithWhatToDo() throws Exception {
    var file = folder.resolve("key.pem");
    Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nMC4CAQ");

    assertThatThrownBy(() -> MailSigning.read(file, "s1"))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("key.pem")
        .hasMessageContaining("take it away to make another");
  }

  @Test
  void aKeyThatIsNotThereIsNamedWithWhatToDo() {
    var settings = List.of(new DkimSettings("s1", folder.resolve("absent.pem")));

    assertThatThrownBy(() -> MailSigning.open(settings, List.of("bridge.example")))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("absent.pem")
        .hasMessageContaining("postern dkim --selector s1");
  }
}
