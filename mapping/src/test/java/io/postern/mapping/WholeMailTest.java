package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeMailTest {
  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Content> contents(byte[] mail) throws IOException {
    return WholeMail.contents(() -> new ByteArrayInputStream(mail));
  }

  @Test
  void isAskedForByTheWordAlone() {
    assertThat(WholeMail.isAsked(new Text("/whole"))).isTrue();
    assertThat(WholeMail.isAsked(new Text(" /Whole\n"))).isTrue();
    assertThat(WholeMail.isAsked(new Markdown("/whole"))).isTrue();
    assertThat(WholeMail.isAsked(Reply.to(OutgoingLines.id(1), "x", new Text("/whole")))).isTrue();
    assertThat(WholeMail.isAsked(new Text("/whole story"))).isFalse();
    assertThat(WholeMail.isAsked(new Text("the /whole"))).isFalse();
    assertThat(WholeMail.isAsked(Attachment.of("/whole", "text/plain", octets("/whole"))))
        .isFalse();
  }

  @Test
  void isAFileOfTheVeryOctets() throws Exception {
    var mail = octets("Subject: a/../b\r\n\r\nwords\r\n");

    var file = (Attachment) contents(mail).get(0);

    assertThat(file.octets().toByteArray()).isEqualTo(mail);
    assertThat(file.filename()).contains("b.eml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no header at all", "\u0000\u0001"})
  void whateverItHoldsItIsGiven(String text) throws Exception {
    var contents = contents(octets(text));

    assertThat(contents)
        .singleElement()
        .isInstanceOfSatisfying(
            Attachment.class,
            file -> assertThat(file.octets().toByteArray()).isEqualTo(octets(text)));
  }

  @Test
  void whatIsTooLargeIsToldAndItsWordsGiven() throws Exception {
    var body = "words\r\n".repeat(10);
    var mail =
        "Subject: big\r\n"
            + "MIME-Version: 1.0\r\n"
            + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: video/mp4\r\n\r\n"
            + "0123456789abcd\r\n".repeat(500_000)
            + "--b\r\n\r\n"
            + body
            + "--b\r\nContent-Type: application/octet-stream; name=x\r\n\r\n"
            + "0123456789\r\n".repeat(100_000)
            + "--b--\r\n";

    var contents = contents(octets(mail));

    assertThat(contents).hasSize(2);
    assertThat(((Text) contents.get(0)).text()).contains("big.eml (9.2 MB)", "too large");
    var words = (Attachment) contents.get(1);
    assertThat(words.filename()).contains("big.txt");
    assertThat(new String(words.octets().toByteArray(), StandardCharsets.UTF_8))
        .startsWith("words\nwords");
  }
}
