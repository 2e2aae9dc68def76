package io.postern.mail;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bouncycastle.util.encoders.Hex;
import org.junit.jupiter.api.Test;

class RtfTest {
  /** MS-OXRTFCP §3.1.1 and §3.2.1. */
  private static final String SIMPLE =
      "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0";

  private static final String CROSSING =
      "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0";

  private static String text(String rtf) throws MailException {
    return Rtf.read(rtf.getBytes(US_ASCII)).text();
  }

  @Test
  void decompressesTheExamplesOfTheSpecification() throws Exception {
    assertThat(new String(CompressedRtf.decompress(Hex.decode(SIMPLE)), US_ASCII))
        .isEqualTo("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    assertThat(new String(CompressedRtf.decompress(Hex.decode(CROSSING)), US_ASCII))
        .isEqualTo("{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
  }

  @Test
  void refusesWhatIsCutOrChanged() throws Exception {
    var whole = Hex.decode(SIMPLE);

    for (int length = 0; length < whole.length; length++) {
      var cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> CompressedRtf.decompress(cut)).isInstanceOf(MailException.class);
    }
    for (int i = 16; i < whole.length; i++) {
      var changed = whole.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> CompressedRtf.decompress(changed)).hasMessageContaining("checksum");
    }
  }

  @Test
  void refusesASizeThatNoTextHas() {
    var bomb = Hex.decode(SIMPLE);
    bomb[7] = 0x7f;

    assertThatThrownBy(() -> CompressedRtf.decompress(bomb)).hasMessageContaining("too large");
  }

  @Test
  void readsTextsOfEveryLengthWithoutTheLastReference() throws Exception {
    var text = "{\\rtf1 0123456789abcdef}".getBytes(US_ASCII);

    for (int length = 1; length <= text.length; length++) {
      var content = new ByteArrayOutputStream();
      for (int i = 0; i < length; i++) {
        if (i % 8 == 0) {
          content.write(0);
        }
        content.write(text[i]);
      }
      assertThat(CompressedRtf.decompress(folded(content.toByteArray(), length)))
          .isEqualTo(Arrays.copyOf(text, length));
    }
  }

  @Test
  void refusesWhatUnfoldsToMoreThanATextHas() {
    var content = new ByteArrayOutputStream();
    for (int i = 0; i < CompressedRtf.MAX_OCTETS / (8 * 17) + 1; i++) {
      // Eight references of seventeen octets each, to where nobody writes at that time.
      content.write(0xff);
      int offset = (i * 8 * 17 + 2048) & 0xfff;
      for (int n = 0; n < 8; n++) {
        content.write(offset >> 4);
        content.write((offset & 0xf) << 4 | 0xf);
      }
    }

    assertThatThrownBy(() -> CompressedRtf.decompress(folded(content.toByteArray(), 100)))
        .hasMessageContaining("larger");
  }

  /** MS-OXRTFCP §2.1.3.1 around what is compressed already. */
  private static byte[] folded(byte[] content, int rawSize) {
    var out = new ByteArrayOutputStream();
    TnefWriter.int32(out, content.length + 12);
    TnefWriter.int32(out, rawSize);
    TnefWriter.int32(out, 0x75465a4c);
    TnefWriter.int32(out, CompressedRtf.crc(content));
    out.writeBytes(content);
    return out.toByteArray();
  }

  @Test
  void readsCharactersOfAnyCodePage() throws Exception {
    assertThat(
            text(
                "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}"
                    + "{\\f2\\fcharset128 C;}}\\f0 \\'e4 {\\f1 \\'cf\\'f0}\\f2 \\'83A\\f0  \\u8364?"
                    + "\\u-10179 ?\\u-8704 ?\\par \\ldblquote x\\rdblquote\\~y\\{\\}\\\\}"))
        .isEqualTo("ä Прア €😀\n“x”\u00a0y{}\\");
  }

  @Test
  void leavesOutWhatIsNoText() throws Exception {
    assertThat(
            text(
                "{\\r"
                    + "tf1{\\info{\\title secret}}{\\colortbl;\\r"
                    + "ed0;}{\\*\\generator x;}{\\field{\\*\\fldinst HYPERLINK"
                    + " \"http://x.example\"}{\\fldrslt link}} \\bin4 abcdend}"))
        .isEqualTo("link end");
  }

  @Test
  void takesNothingOutOfHtmlThatStandsForReadersOfRtf() throws Exception {
    var rtf =
        "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag19 <html>}{\\*\\htmltag64 <a href=\"\\'7b\">}"
            + "\\htmlrtf {\\b not this\\htmlrtf0 1 < 2}{\\*\\mhtmltag64 <no>}\\htmlrtf }\\htmlrtf0"
            + " {\\*\\htmltag84 &amp;}\\htmlrtf &\\htmlrtf0 x{\\*\\htmltag241 }}";

    var read = Rtf.read(rtf.getBytes(US_ASCII));

    assertThat(read.html()).isTrue();
    assertThat(read.text()).isEqualTo("<html><a href=\"{\">1 &lt; 2&amp;x");
  }

  @Test
  void meetsRandomOctetsWithItsOwnExceptionOnly() {
    var random = new SplittableRandom(3);
    var words = "\\{}'*0123456789uf binhtmlrtfparcharset;<&~\u0000".getBytes(US_ASCII);

    for (int i = 0; i < 20_000; i++) {
      var rtf = new byte[6 + random.nextInt(200)];
      for (int n = 0; n < rtf.length; n++) {
        rtf[n] = words[random.nextInt(words.length)];
      }
      System.arraycopy("{\\rtf1".getBytes(US_ASCII), 0, rtf, 0, 6);
      try {
        assertThat(Rtf.read(rtf).text().length()).isLessThan(rtf.length * 6);
      } catch (MailException its) {
        assertThat(its.status()).isEqualTo("5.6.0");
      }
    }
  }

  @Test
  void refusesGroupsWithoutEnd() {
    var deep = ("{\\rtf1" + "{".repeat(100_000)).getBytes(US_ASCII);

    assertThatThrownBy(() -> Rtf.read(deep)).hasMessageContaining("deeper");
  }
}
