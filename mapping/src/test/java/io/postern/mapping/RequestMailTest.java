package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.BaseSubject;
import io.postern.mail.Draft;
import io.postern.mail.MailId;
import io.postern.mail.MailReader;
import io.postern.mail.MailWriter;
import io.postern.mail.Mailbox;
import io.postern.mail.NamedMailbox;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestMailTest {
  private static final Mailbox BLOCK =
      mailbox("block-0123456789abcdef0123456789abcdef@bridge.example");

  private static Draft draft(Draft.Body body) {
    return Draft.of(
        NamedMailbox.of(mailbox("0x12@bridge.example")),
        NamedMailbox.of(mailbox("bob@example.org")),
        T0,
        new MailId("<x-1@bridge.example>"),
        "Message from 0x12",
        body);
  }

  @Test
  void saysWhatItIsAndHowItEnds() throws Exception {
    var request = RequestMail.of(draft(new Draft.Text("hello")), BLOCK);

    var mail = MailReader.read(MailWriter.write(request));

    assertThat(mail.subject()).isEqualTo("[Request] Message from 0x12");
    assertThat(mail.bodies().get(0).plain().orElseThrow())
        .startsWith("hello\n\n-- \n")
        .contains("just answer", "\n" + BLOCK + "\n");
    assertThat(mail.fromList()).isFalse();
  }

  @Test
  void bothFormsOfMarkdownSayIt() throws Exception {
    var request = RequestMail.of(draft(new Draft.Markdown("**hello**")), BLOCK);

    var body = MailReader.read(MailWriter.write(request)).bodies().get(0);

    assertThat(body.plain().orElseThrow()).contains("-- \n", BLOCK.toString());
    assertThat(body.html().orElseThrow()).contains("<strong>hello</strong>", BLOCK.toString());
  }

  @Test
  void whomThePersonHasAcceptedIsNoRequestButCanBeBlocked() throws Exception {
    var first = RequestMail.ofAccepted(draft(new Draft.Text("hello")), BLOCK);

    var mail = MailReader.read(MailWriter.write(first));

    assertThat(mail.subject()).isEqualTo("Message from 0x12");
    assertThat(mail.bodies().get(0).plain().orElseThrow())
        .startsWith("hello\n\n-- \n")
        .contains("hear no more", "\n" + BLOCK + "\n");
    assertThat(RequestMail.canSay(draft(new Draft.Text("hello")))).isTrue();
    assertThat(RequestMail.canSay(draft(new Draft.Reaction(List.of("👍"), "x", "")))).isFalse();
  }

  @Test
  void anAnswerIsOfTheSameThread() {
    var request = RequestMail.of(draft(new Draft.Text("hello")), BLOCK);

    var answer = BaseSubject.of("Re: " + request.subject());

    assertThat(answer.sameAs(BaseSubject.of(request.subject()))).isTrue();
  }

  @Test
  void aReactionAsksForNothing() {
    var reaction = draft(new Draft.Reaction(List.of("👍"), "x", ""));

    assertThatThrownBy(() -> RequestMail.of(reaction, BLOCK))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
