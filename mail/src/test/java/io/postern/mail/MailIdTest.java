package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MailIdTest {
  @Test
  void comparesWithoutCaseButRemembersHowItWasWritten() {
    var id = MailId.parse("<CAKx+Yz@Mail.Example>").orElseThrow();

    assertThat(id).isEqualTo(new MailId("<cakx+yz@mail.example>"));
    assertThat(id.value()).isEqualTo("<cakx+yz@mail.example>");
    assertThat(id).hasToString("<CAKx+Yz@Mail.Example>");
  }

  @Test
  void removesWhiteSpaceThatAFoldingServerPutIn() {
    assertThat(MailId.parse(" <a-very-long-\r\n id@mail.\texample> "))
        .contains(new MailId("<a-very-long-id@mail.example>"));
  }

  @Test
  void readsReferencesInOrderAndKeepsTheLastOfARepeatedId() {
    assertThat(MailId.parseAll("<a@x> (comment) <b@x>\r\n\t<a@x>,<c@x>"))
        .extracting(MailId::value)
        .containsExactly("<b@x>", "<a@x>", "<c@x>");
  }

  @Test
  void takesABareIdAsSomeClientsWriteIt() {
    assertThat(MailId.parse("abc@mail.example")).contains(new MailId("<abc@mail.example>"));
  }

  @Test
  void findsNothingInWhatIsNoId() {
    assertThat(MailId.parse("")).isEmpty();
    assertThat(MailId.parse("<>")).isEmpty();
    assertThat(MailId.parse("Bob's message of Tuesday")).isEmpty();
    assertThat(MailId.parse("<" + "a".repeat(1000) + "@x>")).isEmpty();
    assertThat(MailId.parse("<a\0b@x>")).isEmpty();
    assertThat(MailId.parse("<a\u202eb@x>")).isEmpty();
  }

  @Test
  void keepsNoMoreThanTheLast200() {
    var references = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      references.append("<").append(i).append("@x> ");
    }

    var ids = MailId.parseAll(references.toString());

    assertThat(ids).hasSize(MailId.MAX_IDS);
    assertThat(ids.get(199)).isEqualTo(new MailId("<999@x>"));
  }

  @Test
  void refusesAValueThatIsNotCanonical() {
    assertThatThrownBy(() -> new MailId("a@x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MailId("<a@x>", "<b@x>"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MailId("<a@x>\r\nBcc: <b@x>"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
