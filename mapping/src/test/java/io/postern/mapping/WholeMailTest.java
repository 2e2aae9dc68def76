package io.postern.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mail.Body;
import io.postern.mail.BodyStore;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Reply;
import io.postern.xmtp.content.Text;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeMailTest {
  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Content> contents(byte[] mail) throws IOException {
    return contents(new ByteArrayInputStream(mail));
  }

  private static List<Content> contents(InputStream mail) throws IOException {
    var contents = WholeMail.contents(mail, WholeMailTest::taking);

    assertThat(mail.read()).as("only its end says that it is whole").isEqualTo(-1);
    return contents;
  }

  /** Of each body so much that one of 64 MiB does no harm. */
  private static BodyStore.Taking taking() {
    var held = new ByteArrayOutputStream();
    return new BodyStore.Taking() {
      @Override
      public boolean write(byte[] octets, int offset, int length) {
        held.write(octets, offset, length);
        return held.size() < 8 << 20;
      }

      @Override
      public Body end() {
        return Body.of(held.toByteArray());
      }
    };
  }

  private static String words(Content content) {
    return new String(((Attachment) content).octets().toByteArray(), StandardCharsets.UTF_8);
  }

  /** A value as in X.690 §8.1, with a length of four octets. */
  private static byte[] value(int tag, byte[]... contents) {
    int length = Stream.of(contents).mapToInt(content -> content.length).sum();
    var value = ByteBuffer.allocate(6 + length).put((byte) tag).put((byte) 0x84).putInt(length);
    Stream.of(contents).forEach(value::put);
    return value.array();
  }

  /** RFC 5652 §5, without signers: nobody verifies it here. */
  private static byte[] signed(byte[] entity) {
    var capsule =
        value(
            0x30,
            value(0x06, HexFormat.of().parseHex("2a864886f70d010701")),
            value(0xa0, value(0x04, entity)));
    var signedData = value(0x30, value(0x02, new byte[] {1}), value(0x31), capsule, value(0x31));
    return value(
        0x30, value(0x06, HexFormat.of().parseHex("2a864886f70d010702")), value(0xa0, signedData));
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
    assertThat(words(words)).startsWith("words\nwords");
  }

  @Test
  void theWordsOfALargeMailThatIsSignedAreGiven() throws Exception {
    var entity =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nthe words inside\r\n"
            + "--b\r\nContent-Type: video/mp4\r\n\r\n"
            + "0123456789abcd\r\n".repeat(300_000)
            + "--b--\r\n";
    var mail =
        "Subject: big\r\n"
            + "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
            + "Content-Transfer-Encoding: base64\r\n\r\n"
            + Base64.getMimeEncoder().encodeToString(signed(octets(entity)));

    var contents = contents(octets(mail));

    assertThat(contents).hasSize(2);
    assertThat(words(contents.get(1))).contains("the words inside").doesNotContain("encrypted");
  }

  @Test
  void filesBeforeTheWordsTakeNothingFromThem() throws Exception {
    var file = "--b\r\nContent-Type: video/mp4\r\n\r\n" + "0123456789abcd\r\n".repeat(200_000);
    var mail =
        "Subject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + file.repeat(8)
            + "--b\r\n\r\nthe words behind\r\n--b--\r\n";

    var contents = contents(octets(mail));

    assertThat(words(contents.get(1))).contains("the words behind");
  }

  @Test
  void aMailThatTheFieldsOfItsDeliveryMadeTooLargeIsReadAllTheSame() throws Exception {
    var top =
        "Subject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\n\r\nthe words\r\n--b\r\nContent-Type: video/mp4\r\n\r\n";
    var chunk = octets("0123456789abcd\r\n".repeat(1 << 16));
    var chunks = new ArrayList<InputStream>();
    chunks.add(new ByteArrayInputStream(octets(top)));
    for (int i = 0; i < 64; i++) {
      chunks.add(new ByteArrayInputStream(chunk));
    }

    var contents = contents(new SequenceInputStream(Collections.enumeration(chunks)));

    assertThat(((Text) contents.get(0)).text()).contains("too large");
    assertThat(words(contents.get(1))).contains("the words");
  }

  @Test
  void ofAMailThatWouldNeedTooMuchMemoryItIsOnlyToldThatItIsTooLarge() throws Exception {
    var packed =
        "--b\r\nContent-Type: application/ms-tnef\r\n\r\n" + "0123456789abcd\r\n".repeat(450_000);
    var mail =
        "Subject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + packed.repeat(4)
            + "--b--\r\n";

    assertThat(contents(octets(mail)))
        .singleElement()
        .isInstanceOfSatisfying(
            Text.class, text -> assertThat(text.text()).contains("(28.8 MB)", "too large"));
  }

  @Test
  void aDiskThatIsFullIsNoAnswer() {
    var full = new IOException("no space left");
    var mail = octets("Subject: big\r\n\r\n" + "words\r\n".repeat(200_000));
    BodyStore none =
        () ->
            new BodyStore.Taking() {
              @Override
              public boolean write(byte[] octets, int offset, int length) {
                return true;
              }

              @Override
              public Body end() throws IOException {
                throw full;
              }
            };

    assertThatThrownBy(() -> WholeMail.contents(new ByteArrayInputStream(mail), none))
        .isSameAs(full);
  }
}
