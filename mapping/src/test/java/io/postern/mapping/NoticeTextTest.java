package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.inbox;
import static io.postern.mapping.MappingDatabase.mailbox;
import static io.postern.mapping.OutgoingLines.id;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.postern.mail.DeliveryReport.Action;
import io.postern.mail.DeliveryReport.RecipientStatus;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import org.junit.jupiter.api.Test;

/** spec/content-types.md §10.11. */
class NoticeTextTest {
  @Test
  void answersTheMessageThatFailed() {
    assertEquals(
        Reply.to(
            id(7),
            inbox(1).value(),
            new Text("Could not deliver this message to bob@mail.example: 550 5.1.1 no such user")),
        NoticeText.undelivered(
            id(7), inbox(1), mailbox("bob@mail.example"), "550 5.1.1 no such user"));
  }

  @Test
  void saysThatItIsStillTried() {
    assertEquals(
        "Still trying to deliver this message to bob@mail.example",
        NoticeText.delayed(mailbox("bob@mail.example"), " "));
  }

  @Test
  void theFarServersWordsStayOnTheirLineAndAreCut() {
    var words =
        NoticeText.undelivered(mailbox("bob@mail.example"), "550\r\n\u202eno\0" + "x".repeat(999));

    assertEquals(
        "Could not deliver this message to bob@mail.example: 550 no " + "x".repeat(293) + "…",
        words);
  }

  @Test
  void withoutWordsTheStatusSpeaks() {
    assertEquals(
        "5.2.2",
        NoticeText.diagnostic(
            new RecipientStatus("bob@mail.example", "", Action.FAILED, "5.2.2", "")));
  }
}
