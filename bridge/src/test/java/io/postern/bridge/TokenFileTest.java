package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The token where only its owner may read it, for as long as it opens anything. */
class TokenFileTest {
  private static final String TOKEN = "0123456789abcdef".repeat(2);
  private static final String OTHER = "fedcba9876543210".repeat(2);

  @TempDir Path data;

  @Test
  void isThereForItsOwnerUntilItIsClosed() throws Exception {
    var file = TokenFile.in(data);
    try (var written = TokenFile.write(data, TOKEN)) {
      assertThat(TokenFile.read(data)).isEqualTo(TOKEN);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(written.toString()).doesNotContain(TOKEN);
    }

    assertThat(data).isEmptyDirectory();
  }

  @Test
  void takesThePlaceOfOneThatADaemonLeftWhoeverMayReadThat() throws Exception {
    var file = TokenFile.in(data);
    Files.writeString(file, OTHER);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    Files.writeString(data.resolve("status.token.new"), "half of one");

    try (var written = TokenFile.write(data, TOKEN)) {
      assertThat(written).isNotNull();
      assertThat(TokenFile.read(data)).isEqualTo(TOKEN);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void followsNoLinkToWriteTheToken() throws Exception {
    var elsewhere = Files.writeString(data.resolve("elsewhere"), "public");
    Files.createSymbolicLink(TokenFile.in(data), elsewhere);
    Files.createSymbolicLink(data.resolve("status.token.new"), elsewhere);

    try (var written = TokenFile.write(data, TOKEN)) {
      assertThat(written).isNotNull();
      assertThat(elsewhere).hasContent("public");
      assertThat(TokenFile.read(data)).isEqualTo(TOKEN);
    }
  }

  @Test
  void leavesAnotherDaemonsTokenWhereItIs() throws Exception {
    var first = TokenFile.write(data, TOKEN);
    try (var second = TokenFile.write(data, OTHER)) {
      assertThat(second).isNotNull();

      first.close();

      assertThat(TokenFile.read(data)).isEqualTo(OTHER);
    }
    first.close();
  }

  @Test
  void aFileThatIsMissingIsNamedWithWhatToDo() {
    assertThatThrownBy(() -> TokenFile.read(data))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining(data.resolve("status.token").toString())
        .hasMessageContaining("there is no such file")
        .hasMessageContaining("--config");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF", "a\nb"})
  void whatIsNoTokenIsNotSent(String text) throws Exception {
    Files.writeString(TokenFile.in(data), text);

    assertThatThrownBy(() -> TokenFile.read(data))
        .isInstanceOf(BridgeException.class)
        .hasMessageEndingWith("holds no token; start the daemon again");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() {
    assertThatThrownBy(() -> TokenFile.write(data.resolve("none"), TOKEN))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("status.token cannot be written: there is no such file");
  }
}
