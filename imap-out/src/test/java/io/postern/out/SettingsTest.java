package io.postern.out;

import static io.postern.out.Sample.brief;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @TempDir Path folder;

  private Login login(String content) throws IOException {
    var file = folder.resolve("password");
    Files.writeString(file, content);
    return new Login("bob", file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p\u00e4ss word ", "p\u00e4ss word \n", "p\u00e4ss word \r\n"})
  void readsThePasswordWithoutItsLineEnd(String content) throws Exception {
    var login = login(content);

    assertThat(login.password()).isEqualTo("p\u00e4ss word ".getBytes(StandardCharsets.UTF_8));
    assertThat(login.passwordText()).isEqualTo("p\u00e4ss word ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "a\nb", "a\n\n", "a\rb", "a\0b"})
  void refusesWhatIsNoPassword(String content) throws Exception {
    var login = login(content);

    var stop = catchThrowableOfType(UndeliveredException.class, login::password);

    assertThat(brief(stop.outcome())).isEqualTo("Deferred 4.3.5");
  }

  @Test
  void refusesAPasswordFileThatIsTooLarge() throws Exception {
    var login = login("a".repeat(5_000));

    var stop = catchThrowableOfType(UndeliveredException.class, login::password);

    assertThat(brief(stop.outcome())).isEqualTo("Deferred 4.3.5");
  }

  @Test
  void neverPrintsThePassword() throws Exception {
    var settings = new Deliver.Smarthost("h", 587, Optional.of(login("s3cret")), TlsMode.REQUIRED);

    assertThat(settings.toString()).contains("bob").doesNotContain("s3cret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "b\nob", "b\0ob"})
  void refusesAUserThatIsNoLine(String user) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Login(user, folder));
  }

  @Test
  void refusesALoginThatStrippingWouldReveal() throws Exception {
    var login = login("s3cret");

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Deliver.Smarthost("h", 587, Optional.of(login), TlsMode.OPPORTUNISTIC))
        .withMessageContaining("write required or implicit");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Imap("h", 143, login, "XMTP", TlsMode.OPPORTUNISTIC));
    assertThat(new Deliver.Smarthost("h", 25, Optional.empty(), TlsMode.OPPORTUNISTIC).port())
        .isEqualTo(25);
  }

  @Test
  void refusesWhatIsNoServer() throws Exception {
    var login = login("s3cret");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Smarthost("", 25, Optional.empty(), TlsMode.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Smarthost("a b", 25, Optional.empty(), TlsMode.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Smarthost("h", 0, Optional.empty(), TlsMode.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Imap("h", 65_536, login, "XMTP", TlsMode.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Imap("h", 143, login, "", TlsMode.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Deliver.Imap("h", 143, login, "a\r\nb", TlsMode.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\r\nQUIT", "\u00fc.example"})
  void refusesAnOwnNameThatIsNoDomain(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SmtpClient(name, SmtpTimeouts.standard(), TlsTrust.authorities()));
  }
}
