package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** spec/content-types.md §10.3, row "email -> XMTP idempotency key". */
class IdempotencyKeyTest {
  @Test
  void hashesIdRecipientAndPart() throws Exception {
    var preimage = "<n1@mail.example>\nalice@bridge.example\n2";

    assertEquals(
        "email:" + sha256(preimage.getBytes(StandardCharsets.UTF_8)),
        IdempotencyKey.of(new MailId("<N1@Mail.example>"), mailbox("ALICE@bridge.example"), 2)
            .value());
  }

  @Test
  void theOctetsStandForAMissingId() throws Exception {
    var mail = "From: a\r\n\r\nb".getBytes(StandardCharsets.UTF_8);
    var preimage = sha256(mail) + "\nalice@bridge.example\n0";

    assertEquals(
        "email:" + sha256(preimage.getBytes(StandardCharsets.UTF_8)),
        IdempotencyKey.of(
                IdempotencyKey.Name.of(MailReader.read(mail), new ByteArrayInputStream(mail)),
                mailbox("alice@bridge.example"),
                0)
            .value());
  }

  @Test
  void anIdStandsForItsOctets() throws Exception {
    var mail = "Message-ID: <n1@mail.example>\r\n\r\nb".getBytes(StandardCharsets.UTF_8);
    var alice = mailbox("alice@bridge.example");

    var name = IdempotencyKey.Name.of(MailReader.read(mail), InputStream.nullInputStream());

    assertEquals(
        IdempotencyKey.of(new MailId("<n1@mail.example>"), alice, 0),
        IdempotencyKey.of(name, alice, 0));
  }

  @Test
  void differsByIdRecipientAndPart() {
    var id = new MailId("<n1@mail.example>");
    var key = IdempotencyKey.of(id, mailbox("alice@bridge.example"), 0);

    for (var other :
        Set.of(
            IdempotencyKey.of(id, mailbox("alice@bridge.example"), 1),
            IdempotencyKey.of(id, mailbox("carol@bridge.example"), 0),
            IdempotencyKey.of(
                new MailId("<n2@mail.example>"), mailbox("alice@bridge.example"), 0))) {
      assertNotEquals(key, other);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "email:", "email:00", "sms:"})
  void refusesWhatIsNoKey(String value) {
    assertThrows(IllegalArgumentException.class, () -> new IdempotencyKey(value));
  }

  @Test
  void refusesANegativePart() {
    var id = new MailId("<n1@mail.example>");
    var alice = mailbox("alice@bridge.example");

    assertThrows(IllegalArgumentException.class, () -> IdempotencyKey.of(id, alice, -1));
  }

  private static String sha256(byte[] octets) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
  }
}
