package io.postern.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts and names in every charset that mail comes in, labelled rightly, wrongly or not at all. */
class CharsetsTest {
  private static byte[] octets(String text, String charset) {
    return text.getBytes(Charset.forName(charset));
  }

  private static Mail mail(byte[] fields, byte[] body) throws MailException {
    var out = new ByteArrayOutputStream();
    out.writeBytes(fields);
    out.writeBytes("\r\n\r\n".getBytes(US_ASCII));
    out.writeBytes(body);
    return MailReader.read(out.toByteArray());
  }

  private static Attachment file(String fields) throws MailException {
    return mail((fields + "\r\nX: y").getBytes(UTF_8), "x".getBytes(UTF_8)).attachments().get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "big5, 中文, big5",
    "x-x-big5, 中文, big5",
    "ks_c_5601-1987, 한국어, x-windows-949",
    "cp949, 뷁, x-windows-949",
    "gb2312, 汉字, gb18030",
    "cp932, ①～, windows-31j",
    "shift_jis, ①, windows-31j",
    "iso-2022-jp, 日本語, iso-2022-jp",
    "iso-2022-kr, 한국어, iso-2022-kr",
    "euc-jp, 日本語, euc-jp",
    "koi8-r, Привет, koi8-r",
    "cp1251, Привет, windows-1251",
    "x-cp1251, Привет, windows-1251",
    "windows-1255, שלום, windows-1255",
    "macintosh, café, x-macroman",
    "latin-1, €, windows-1252",
    "uft-8, ä, utf-8",
    "\"'utf-8'\", ä, utf-8"
  })
  void readsWhatIsLabelled(String label, String text, String charset) {
    assertThat(TextDecoder.decode(octets(text, charset), label)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"iso-8859-1", "windows-1252", "us-ascii", "x-unknown", "unknown-8bit", ""})
  void takesUtf8ForWhatItIs(String label) {
    assertThat(TextDecoder.decode("Zoë 日本".getBytes(UTF_8), label)).isEqualTo("Zoë 日本");
  }

  @ParameterizedTest
  @ValueSource(strings = {"utf-8", "us-ascii", "x-unknown", "no such label", "", "\0"})
  void takesWhatIsNoUtf8ForWesternText(String label) {
    assertThat(TextDecoder.decode(octets("Zoë – €", "windows-1252"), label)).isEqualTo("Zoë – €");
  }

  /** RFC 2152, its examples. */
  @ParameterizedTest
  @CsvSource({
    "A+ImIDkQ., A≢Α.",
    "Hi Mom -+Jjo--!, Hi Mom -☺-!",
    "+ZeVnLIqe-, 日本語",
    "Item 3 is +AKM-1., Item 3 is £1.",
    "1 +- 1 = 2, 1 + 1 = 2",
    "+2D3eAA-, 😀",
    "a +, a +"
  })
  void readsUtf7(String encoded, String text) {
    assertThat(TextDecoder.decode(encoded.getBytes(US_ASCII), "unicode-1-1-utf-7")).isEqualTo(text);
    assertThat(TextDecoder.decode(encoded.getBytes(US_ASCII), "UTF-7")).isEqualTo(text);
  }

  @Test
  void readsUtf8UnderTheLabelOfUtf7() {
    assertThat(TextDecoder.decode("ä+-".getBytes(UTF_8), "utf-7")).isEqualTo("ä+-");
  }

  /** RFC 1843, its example. */
  @Test
  void readsHz() {
    var text = "This ~~ is ASCII.\n~{<:Ky2;S{#,NpJ)l6HK!#~}Bye.~\n~{VPND\nplain";

    assertThat(TextDecoder.decode(text.getBytes(US_ASCII), "HZ-GB-2312"))
        .isEqualTo("This ~ is ASCII.\n己所不欲，勿施於人。Bye.中文\nplain");
  }

  @Test
  void endsForAnyOctetsUnderAnyLabel() {
    var random = new SplittableRandom(9);
    var labels = Charset.availableCharsets().keySet().toArray(String[]::new);
    var own = new String[] {"utf-7", "hz", "iso-2022-jp", "utf-16", "x-unknown"};

    for (int i = 0; i < 20_000; i++) {
      var octets = new byte[random.nextInt(40)];
      random.nextBytes(octets);
      var label =
          i % 2 == 0 ? own[random.nextInt(own.length)] : labels[random.nextInt(labels.length)];

      assertThat(TextDecoder.decode(octets, label)).isNotNull();
    }
  }

  @Test
  void readsRawFieldsInTheCharsetOfTheText() throws Exception {
    var fields = "Subject: Привет\r\nContent-Type: text/plain; charset=koi8-r";

    assertThat(mail(octets(fields, "koi8-r"), octets("мир", "koi8-r")).subject())
        .isEqualTo("Привет");
    assertThat(mail(octets(fields, "utf-8"), octets("мир", "koi8-r")).subject())
        .isEqualTo("Привет");
    assertThat(mail(octets("Subject: Zoë", "windows-1252"), new byte[] {'x'}).subject())
        .isEqualTo("Zoë");
    assertThat(mail(octets("Subject: 日本語 text", "iso-2022-jp"), new byte[] {'x'}).subject())
        .isEqualTo("日本語 text");
  }

  @ParameterizedTest
  @CsvSource({
    "=?utf-8?Q?=F0=9F?= =?utf-8?Q?=93=8E?=, 📎",
    "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCOGwbKEI=?=, 日本語",
    "=?utf-8?Q?What's_up?? ok?=, What's up?? ok",
    "=?utf-8?Q?cut =?utf-8?Q?whole?=, =?utf-8?Q?cut whole",
    "=?x-unknown?Q?Zo=EB?=, Zoë",
    "=?utf-8*en?Q?a?=, a",
    "=?unicode-1-1-utf-7?Q?+AOQ-?=, ä",
    "=?ks_c_5601-1987?B?x9Gx uQ==?=, 한국"
  })
  void readsEncodedWordsAsTheyCome(String field, String text) {
    assertThat(EncodedWords.decode(field)).isEqualTo(text);
  }

  @Test
  void readsALongFieldOfQuestionMarksInTheEnd() {
    var marks = "=?utf-8?Q?" + "?x".repeat(100_000);

    assertThat(EncodedWords.decode(marks)).isEqualTo(marks);
    assertThat(EncodedWords.decode(marks + "?=")).hasSize(200_000);
    assertThat(EncodedWords.decode("=?a?Q?".repeat(40_000))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%20%E2%82%AC.pdf",
        "attachment; filename*=\"UTF-8''Gr%C3%BC%C3%9Fe%20%E2%82%AC.pdf\"",
        "attachment; filename*=windows-1252'de'Gr%FC%DFe%20%80.pdf",
        "attachment; filename*=''Gr%FC%DFe%20%80.pdf",
        "attachment; filename*=x-none''Gr%FC%DFe%20%80.pdf",
        "attachment; filename*1*=%9Fe%20%E2; filename*0*=utf-8''Gr%C3%BC%C3;"
            + " filename*2*=%82%AC.pdf",
        "attachment; filename*0*=utf-8''Gr%C3%BC%C3%9Fe%20; filename*1=\"€.pdf\"",
        "attachment; filename=\"=?utf-8?Q?Gr=C3=BC=C3?= =?utf-8?Q?=9Fe_=E2=82=AC.pdf?=\"",
        "attachment; filename==?utf-8?Q?Gr=C3=BC=C3=9Fe_=E2=82=AC.pdf?=",
        "attachment; filename*0=\"=?utf-8?Q?Gr=C3=BC\"; filename*1=\"=C3=9Fe_=E2=82=AC.pdf?=\"",
        "attachment; filename=\"Grüße €.pdf\"",
        "attachment; filename=wrong.pdf; filename*=utf-8''Gr%C3%BC%C3%9Fe%20%E2%82%AC.pdf"
      })
  void readsNamesOfFiles(String disposition) throws Exception {
    var file = file("Content-Type: application/pdf\r\nContent-Disposition: " + disposition);

    assertThat(file.filename()).isEqualTo("Grüße €.pdf");
  }

  @Test
  void readsRawNamesOfFilesThatAreNoUtf8() throws Exception {
    var fields =
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"Zoë.pdf\"";

    var mail = mail(fields.getBytes(ISO_8859_1), "x".getBytes(UTF_8));

    assertThat(mail.attachments().get(0).filename()).isEqualTo("Zoë.pdf");
  }
}
