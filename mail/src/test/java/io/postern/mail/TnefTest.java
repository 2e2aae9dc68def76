package io.postern.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.postern.mail.TnefWriter.Properties;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TnefTest {
  private static final byte[] PDF = "%PDF-1.7 …".getBytes(UTF_8);

  private static Mail mail(byte[] tnef, String text) throws MailException {
    return mail(tnef, text, "application/ms-tnef; name=winmail.dat");
  }

  private static Mail mail(byte[] tnef, String text, String type) throws MailException {
    var lines =
        "From: a@x.example\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: text/plain\r\n\r\n"
            + text
            + "\r\n--b\r\nContent-Type: "
            + type
            + "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + Base64.getMimeEncoder().encodeToString(tnef)
            + "\r\n--b--\r\n";
    return MailReader.read(lines.getBytes(UTF_8));
  }

  private static byte[] letter() {
    return new TnefWriter()
        .codePage(1252)
        .message(
            new Properties()
                .named("Keywords", "odd")
                .numbers(0x6800, 1, 2, 3)
                .unicode(0x0037, "Grüße")
                .unicode(0x1000, "Hello from Outlook"))
        .file("REPORT~1.PDF", PDF, new Properties().unicode(0x3707, "Report für 2026.pdf"))
        .file("logo.png", PDF, new Properties().unicode(0x3712, "logo@x").number(0x3714, 4))
        .octets();
  }

  @Test
  void unpacksFilesUnderTheirLongNames() throws Exception {
    var mail = mail(letter(), "Hello from Outlook");

    assertThat(mail.attachments())
        .extracting(Attachment::filename, Attachment::mediaType)
        .containsExactly(
            tuple("Report für 2026.pdf", "application/pdf"), tuple("logo.png", "image/png"));
    assertThat(mail.attachments().get(0).octets()).isEqualTo(PDF);
    assertThat(mail.attachments().get(1).contentId()).contains("logo@x");
    assertThat(ReadableMail.of(mail).text()).isEqualTo("Hello from Outlook");
  }

  @Test
  void takesTheTextOnlyWhereTheMailHasNone() throws Exception {
    assertThat(ReadableMail.of(mail(letter(), "other words")).text()).isEqualTo("other words");
    assertThat(ReadableMail.of(mail(letter(), " ")).text()).isEqualTo("Hello from Outlook");
  }

  @Test
  void knowsItByItsFirstOctetsUnderAnyLabel() throws Exception {
    var mail = mail(letter(), "x", "application/octet-stream; name=\"winmail.dat\"");

    assertThat(mail.attachments()).hasSize(2);
  }

  @Test
  void readsStringsInTheCodePageOfTheMessage() throws Exception {
    var cyrillic = Charset.forName("windows-1251");
    var tnef =
        new TnefWriter()
            .codePage(1251)
            .message(new Properties().string8(0x1000, "Привет", cyrillic))
            .file("a.txt", PDF, new Properties().string8(0x3707, "отчёт.txt", cyrillic))
            .octets();

    var mail = mail(tnef, "");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("Привет");
    assertThat(mail.attachments().get(0).filename()).isEqualTo("отчёт.txt");
  }

  @Test
  void readsHtmlInItsOwnCodePage() throws Exception {
    var html = "<p>Grüße, 世界</p>".getBytes(UTF_8);
    var properties = new Properties().binary(0x1013, html).number(0x3fde, 65001);

    var mail = mail(new TnefWriter().message(properties).octets(), "");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("Grüße, 世界");
  }

  @Test
  void takesHtmlOutOfRtf() throws Exception {
    var rtf =
        "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}"
            + "{\\*\\htmltag64 <p>}\\htmlrtf \\par\\htmlrtf0 Hello {\\*\\htmltag84 <b>}"
            + "w\\'f6rld{\\*\\htmltag92 </b>}{\\*\\htmltag72 </p>}}";
    var properties = new Properties().binary(0x1009, TnefWriter.uncompressed(rtf.getBytes(UTF_8)));

    var mail = mail(new TnefWriter().message(properties).octets(), "");

    assertThat(mail.bodies())
        .anySatisfy(b -> assertThat(b.html()).contains("<p>Hello <b>wörld</b></p>"));
    assertThat(ReadableMail.of(mail).text()).isEqualTo("Hello wörld");
  }

  @Test
  void givesRtfWithPicturesAsAFileBesideItsText() throws Exception {
    var rtf = "{\\rtf1\\ansi See: {\\pict 00ff00}\\par done}".getBytes(UTF_8);
    var properties = new Properties().binary(0x1009, TnefWriter.uncompressed(rtf));

    var mail = mail(new TnefWriter().message(properties).octets(), "");

    assertThat(ReadableMail.of(mail).text()).isEqualTo("See:\ndone");
    assertThat(mail.attachments()).extracting(Attachment::filename).containsExactly("body.rtf");
    assertThat(mail.attachments().get(0).octets()).isEqualTo(rtf);
  }

  @Test
  void givesMessagesInsideAsMails() throws Exception {
    var inner =
        new TnefWriter()
            .message(
                new Properties()
                    .unicode(0x0037, "Inner: ü")
                    .unicode(0x0c1a, "Bob")
                    .unicode(0x5d01, "bob@y.example")
                    .time(0x0039, 133_500_000_000_000_000L)
                    .unicode(0x1000, "inner words"))
            .file("i.txt", PDF, new Properties())
            .octets();
    var outer =
        new TnefWriter()
            .message(new Properties().unicode(0x1000, "outer"))
            .file("x", new byte[0], new Properties().message(inner))
            .octets();

    var mail = mail(outer, "outer");

    assertThat(mail.notes()).containsExactly("📎 Forwarded mail: Inner: ü, from Bob");
    assertThat(mail.attachments()).hasSize(1);
    var eml = mail.attachments().get(0);
    assertThat(eml.mediaType()).isEqualTo("message/rfc822");
    assertThat(eml.filename()).isEqualTo("Inner: ü.eml");
    var read = MailReader.read(eml.octets());
    assertThat(ReadableMail.of(read).text()).isEqualTo("inner words");
    assertThat(read.attachments()).extracting(Attachment::filename).containsExactly("i.txt");
    assertThat(read.date()).isPresent();
  }

  @Test
  void leavesNoNameAPathOrALineEnd() throws Exception {
    var tnef =
        new TnefWriter()
            .message(new Properties().unicode(0x0037, "a\r\nBcc: evil@x.example"))
            .file("x", PDF, new Properties().unicode(0x3707, "..\\..\\a\r\nX: y.exe"))
            .octets();
    var outer =
        new TnefWriter()
            .file("x", new byte[0], new Properties().message(tnef))
            .file("y", PDF, new Properties().unicode(0x3707, "../../etc/pass\u202ewd"))
            .octets();

    var mail = mail(outer, "x");

    assertThat(mail.attachments())
        .extracting(Attachment::filename)
        .containsExactly("passwd", "a Bcc: evil@x.example.eml");
    var inner = MailReader.read(mail.attachments().get(1).octets());
    assertThat(inner.header().all("Bcc")).isEmpty();
    assertThat(inner.attachments()).extracting(Attachment::filename).containsExactly("a X: y.exe");
  }

  @Test
  void keepsTheFileWhereverItIsCut() throws Exception {
    var whole = letter();

    for (int length = 6; length < whole.length; length++) {
      var cut = Arrays.copyOf(whole, length);

      var files = mail(cut, "x").attachments();

      // Cut between two attributes it is a shorter message, which is as good as any.
      boolean kept = files.size() == 1 && Arrays.equals(files.get(0).octets(), cut);
      assertThat(kept || isWhole(cut)).as("cut at %d", length).isTrue();
    }
  }

  private static boolean isWhole(byte[] tnef) {
    try {
      return Tnef.read(tnef, new Unpacking()).files().size() <= 2;
    } catch (MailException cut) {
      return false;
    }
  }

  @Test
  void meetsRandomOctetsWithItsOwnExceptionOnly() throws Exception {
    var random = new SplittableRandom(5);
    var whole = letter();

    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      var damaged = whole.clone();
      for (int n = 1 + random.nextInt(6); n > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(Tnef.read(damaged, new Unpacking())).isNotNull();
      } catch (MailException its) {
        refused++;
      }
    }

    assertThat(refused).isGreaterThan(10_000);
  }

  /** The checksums of the attributes hide most of the properties' reader from random octets. */
  @Test
  void meetsRandomPropertiesWithItsOwnExceptionOnly() {
    var random = new SplittableRandom(7);
    var whole = new Properties().named("n", "v").unicode(0x1000, "words").time(0x39, 5).octets();

    for (int i = 0; i < 20_000; i++) {
      var damaged = whole.clone();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      var tnef = new TnefWriter().attribute(1, 0x00069003, damaged).octets();
      try {
        assertThat(Tnef.read(tnef, new Unpacking())).isNotNull();
      } catch (MailException its) {
        assertThat(its.status()).isEqualTo("5.6.0");
      }
    }
  }

  @Test
  void boundsCountsDepthAndSize() {
    var many = new ByteArrayOutputStream();
    TnefWriter.int32(many, Integer.MAX_VALUE);
    var manyProperties = new TnefWriter().attribute(1, 0x00069003, many.toByteArray()).octets();
    var files = new TnefWriter();
    for (int i = 0; i <= MailReader.MAX_PARTS; i++) {
      files.attribute(2, 0x00069002, new byte[14]);
    }
    var attributes = new TnefWriter();
    for (int i = 0; i <= 5000; i++) {
      attributes.attribute(1, 0x00018004, new byte[1]);
    }
    var nested = letter();
    for (int i = 0; i < 5; i++) {
      nested = new TnefWriter().file("x", new byte[0], new Properties().message(nested)).octets();
    }
    var tooDeep = nested;

    assertThatThrownBy(() -> Tnef.read(manyProperties, new Unpacking()))
        .isInstanceOf(MailException.class);
    assertThatThrownBy(() -> Tnef.read(files.octets(), new Unpacking()))
        .hasMessageContaining("parts");
    assertThatThrownBy(() -> Tnef.read(attributes.octets(), new Unpacking()))
        .hasMessageContaining("attributes");
    assertThatThrownBy(() -> Tnef.read(tooDeep, new Unpacking())).hasMessageContaining("deeper");
  }

  @Test
  void unpacksNoMoreOutOfManyPartsThanOneMailMay() throws Exception {
    var rtf = "{\\rtf1\\ansi\\fromhtml1 " + "\"".repeat(1 << 20) + "}";
    var properties = new Properties().binary(0x1009, TnefWriter.uncompressed(rtf.getBytes(UTF_8)));
    var tnef = new TnefWriter().message(properties).octets();
    var lines = new ByteArrayOutputStream();
    lines.writeBytes("Content-Type: multipart/mixed; boundary=b\r\n".getBytes(UTF_8));
    for (int i = 0; i < 12; i++) {
      var head = "\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n";
      lines.writeBytes(head.getBytes(UTF_8));
      lines.writeBytes(tnef);
    }
    lines.writeBytes("\r\n--b--\r\n".getBytes(UTF_8));

    var files = MailReader.read(lines.toByteArray()).attachments();

    assertThat(files).hasSize(12);
    assertThat(files).filteredOn(file -> file.filename().equals("text.html")).hasSize(4);
    assertThat(files)
        .filteredOn(file -> file.filename().equals("winmail.dat"))
        .hasSize(8)
        .allSatisfy(file -> assertThat(file.size()).isEqualTo(tnef.length));
  }

  @Test
  void countsTheFilesOfAllMessagesAsPartsOfTheMail() throws Exception {
    var tnef = new TnefWriter();
    for (int i = 0; i < 200; i++) {
      tnef.attribute(2, 0x00069002, new byte[14]);
    }
    var lines = new StringBuilder("Content-Type: multipart/mixed; boundary=b\r\n");
    for (int i = 0; i < 4; i++) {
      lines
          .append("\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n")
          .append("Content-Transfer-Encoding: base64\r\n\r\n")
          .append(Base64.getMimeEncoder().encodeToString(tnef.octets()));
    }

    var files = MailReader.read(lines.append("\r\n--b--\r\n").toString().getBytes(UTF_8));

    assertThat(files.attachments())
        .hasSize(2 * 200 + 2)
        .filteredOn(file -> file.filename().equals("winmail.dat"))
        .hasSize(2);
  }

  @Test
  void readsThoseOfExchange() throws Exception {
    int read = 0;
    for (var file : Suites.files("sisimai")) {
      var octets = Files.readAllBytes(file);
      if (!new String(octets, UTF_8).contains("\nContent-Type: application/ms-tnef")) {
        continue;
      }
      for (var part : MailReader.structure(octets).all().toList()) {
        if (part.is("application/ms-tnef")) {
          assertThat(Tnef.read(part.octets(), new Unpacking()).embedded()).isEmpty();
          read++;
        }
      }
    }

    System.out.printf("sisimai: %d of %d TNEF parts unpacked%n", read, 7);
    assertThat(read).isEqualTo(7);
  }
}
