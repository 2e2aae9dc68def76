package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.Mailbox;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Path;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnEachDatabase
class BlockTokensTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final InboxId ALICE = new InboxId("a1".repeat(32));
  private static final InboxId MALLORY = new InboxId("bad0".repeat(16));
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;
  private MappingDatabase database;
  private BlockTokens tokens;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    tokens = new BlockTokens(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private BlockToken add(Mailbox person, InboxId peer, String token) {
    var added = new BlockToken(person, peer, token);
    database.jdbi().useTransaction(handle -> tokens.add(handle, added));
    return added;
  }

  @Test
  void isFoundByItsPairAndByItself() {
    var token = add(mailbox("Bob@Example.org"), ALICE, TOKEN);

    assertThat(tokens.byToken(TOKEN)).contains(token);
    assertThat(tokens.byToken("0".repeat(32))).isEmpty();
    database
        .jdbi()
        .useHandle(
            handle -> {
              assertThat(tokens.find(handle, BOB, ALICE)).contains(token);
              assertThat(tokens.find(handle, BOB, MALLORY)).isEmpty();
            });
  }

  @Test
  void thereIsOneForAPairAndNoneForTwo() {
    add(BOB, ALICE, TOKEN);

    assertThatThrownBy(() -> add(BOB, ALICE, "0".repeat(32))).isInstanceOf(JdbiException.class);
    assertThatThrownBy(() -> add(BOB, MALLORY, TOKEN)).isInstanceOf(JdbiException.class);
  }

  @Test
  void isInNoLog() {
    assertThat(new BlockToken(BOB, ALICE, TOKEN).toString()).doesNotContain(TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0123", "0123456789abcdef0123456789abcdeg", "x\r\n"})
  void hasOneForm(String token) {
    assertThatThrownBy(() -> new BlockToken(BOB, ALICE, token))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
