package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Whatever a client says after AUTH, it is asked with 334 only, and there are credentials or a
 * refusal in the end.
 */
class AuthExchangeFuzzTest {
  private static final int MAX_QUESTIONS = 2;

  @FuzzTest(maxDuration = "10m")
  void asksForAnswersUntilThereAreCredentialsOrNot(byte[] said) throws IOException {
    var heard = new ByteArrayOutputStream();
    var wire = new Wire(new Conversation(said, heard), TestServer.settings());
    try (var credentials = AuthExchange.hold(wire.authLine(), wire)) {
      assertThat(credentials.password()).isNotEmpty();
    } catch (CommandException refused) {
      assertThat(refused.reply().isRefusal()).isTrue();
    } catch (IOException hungUp) {
      assertThat(said.length == 0 || said[said.length - 1] != '\n' || heard.size() > 0).isTrue();
    }

    var questions = heard.toString(StandardCharsets.ISO_8859_1);
    assertThat(questions.lines()).hasSizeLessThanOrEqualTo(MAX_QUESTIONS);
    assertThat(questions.lines()).allMatch(line -> line.startsWith("334 "));
  }
}
