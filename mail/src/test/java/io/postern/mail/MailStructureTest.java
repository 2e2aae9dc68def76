package io.postern.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mails whose bodies go where their reader wants them. */
class MailStructureTest {
  private static final String TOP =
      "From: <bob@example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";

  private static String part(String type, String body) {
    return "--b\r\nContent-Type: " + type + "\r\n\r\n" + body + "\r\n";
  }

  private static MailStructure structure(String mail, BodyStore bodies) throws Exception {
    var octets = mail.getBytes(ISO_8859_1);
    return MailReader.structure(new ByteArrayInputStream(octets), octets.length, bodies);
  }

  private static MailStructure structure(String mail) throws Exception {
    return structure(mail, new HeldBodies(Integer.MAX_VALUE));
  }

  @Test
  void holdsItsTextsAndSmallFilesButNoLargeOnes() throws Exception {
    var mail =
        TOP
            + part("text/plain", "x".repeat(10_000))
            + part("image/png", "x".repeat(50_000))
            + part("video/mp4", "x".repeat(900_000))
            + "--b--\r\n";

    var structure = structure(mail);

    assertThat(structure.octetsToHold(100_000)).isBetween(60_000L, 61_000L);
    assertThat(structure.octetsToHold(1_000_000)).isBetween(960_000L, 961_000L);
    assertThat(structure.mail().attachments()).hasSize(2);
  }

  @Test
  void holdsWhatHasToBeUnpackedAndTheTreeOfAPage() throws Exception {
    var mail =
        TOP
            + part("text/html", "x".repeat(10_000))
            + part("application/ms-tnef", "x".repeat(200_000))
            + part("application/octet-stream; name=smime.p7m", "x".repeat(300_000))
            + part("application/octet-stream", "x\u009f>\"" + "x".repeat(400_000))
            + "--b--\r\n";

    assertThat(structure(mail).octetsToHold(0)).isBetween(4 * 910_000L, 4 * 910_000L + 1000);
  }

  /** Of the words for people and for machines only those are shown that come first. */
  @Test
  void holdsWhatAReportSaysThoughItIsForMachines() throws Exception {
    var status =
        "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\n"
            + "Status: 5.0.0\r\n"
            + "X: words\r\n".repeat(200_000);
    var report = TOP.replace("mixed", "report");

    var said = structure(report + part("message/delivery-status", status) + "--b--\r\n");
    var behind =
        structure(
            report
                + part("text/plain", "sorry")
                + part("message/delivery-status", status)
                + "--b--\r\n");

    assertThat(said.mail().bodies().get(0).plain().orElseThrow()).hasSizeGreaterThan(1_700_000);
    assertThat(said.octetsToHold(0)).isBetween(2_000_000L, 2_001_000L);
    assertThat(behind.octetsToHold(0)).isLessThan(1000);
  }

  private static String tnef(TnefWriter tnef) {
    return TOP
        + "--b\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + Base64.getMimeEncoder().encodeToString(tnef.octets())
        + "\r\n--b--\r\n";
  }

  private static TnefWriter letter(int octetsOfText) {
    return new TnefWriter()
        .message(new TnefWriter.Properties().binary(0x1009, new byte[octetsOfText]));
  }

  @Test
  void holdsWhatMayComeOutOfAnOutlookMessage() throws Exception {
    var none = new TnefWriter.Properties();

    var text = structure(tnef(letter(100_000))).octetsToHold(0);
    var file = structure(tnef(letter(0).file("a", new byte[100_000], none))).octetsToHold(0);
    var hidden = letter(100_000).octets();
    var message = structure(tnef(letter(0).file("a", hidden, none))).octetsToHold(0);
    var large = structure(tnef(letter(8 << 20))).octetsToHold(0);

    assertThat(text).as("compressed").isBetween(4 * 800_000L, 4 * 802_000L);
    assertThat(file).as("as it is").isBetween(4 * 100_000L, 4 * 102_000L);
    assertThat(message).as("compressed inside").isBetween(4 * 800_000L, 4 * 804_000L);
    assertThat(large).as("no more comes out").isBetween(35L << 20, (35L << 20) + 1000);
  }

  /** Whoever judges it needs nothing of what comes out of it. */
  @Test
  void whatIsSkimmedStaysPacked() throws Exception {
    var octets = tnef(new TnefWriter().body("words")).getBytes(ISO_8859_1);

    var read = MailReader.read(octets);
    var skimmed = MailReader.skim(new ByteArrayInputStream(octets), octets.length);

    assertThat(read.attachments()).isEmpty();
    assertThat(read.bodies().get(0).plain()).contains("words");
    assertThat(skimmed.attachments())
        .extracting(Attachment::baseType)
        .containsExactly("application/ms-tnef");
    assertThat(skimmed.bodies()).isEmpty();
  }

  /** It is unpacked whole or not at all. */
  @Test
  void holdsADamagedOutlookMessageAsItIs() throws Exception {
    var early = new byte[] {2, 0x0f, (byte) 0x80, 6, 0, 9, 0, 0, 0};
    var length = new byte[] {2, 0x0f, (byte) 0x80, 6, 0, -1, -1, -1, 0x7f, 0};

    assertThat(structure(tnef(letter(100_000))).octetsToHold(0)).isGreaterThan(3_000_000);
    assertThat(structure(tnef(letter(100_000).raw(early))).octetsToHold(0))
        .isLessThan(4 * 102_000L);
    assertThat(structure(tnef(letter(100_000).raw(length))).octetsToHold(0))
        .isLessThan(4 * 102_000L);
    assertThat(structure(tnef(letter(100_000).raw(new byte[6000]))).octetsToHold(0))
        .isLessThan(4 * 110_000L);
  }

  private static String pages(int count, int octets) {
    return TOP
        + "--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
        + "--i\r\n\r\nplain words\r\n"
        + "--i\r\nContent-Type: multipart/mixed; boundary=j\r\n\r\n"
        + ("--j\r\nContent-Type: text/html\r\n\r\n" + "x".repeat(octets) + "\r\n").repeat(count)
        + "--j--\r\n--i--\r\n--b--\r\n";
  }

  @Test
  void pagesOfOneBranchBecomeOnePageWhoseTreeIsHeld() throws Exception {
    var structure = structure(pages(3, 300_000));

    assertThat(structure.octetsToHold(0)).isBetween(4 * 900_000L, 4 * 900_000L + 1000);
    assertThat(structure.mail().bodies())
        .singleElement()
        .satisfies(
            body -> {
              assertThat(body.plain()).contains("plain words");
              assertThat(body.html().orElseThrow()).hasSize(900_000 + 2 * "<br>\n".length());
            });
  }

  @Test
  void pagesThatAreTooMuchForOneStayApart() throws Exception {
    var structure = structure(pages(3, 900_000));

    assertThat(structure.octetsToHold(0))
        .isBetween(2_700_000L + 3 * (1 << 20), 2_700_000L + 3 * (1 << 20) + 1000);
    assertThat(structure.mail().bodies())
        .hasSize(3)
        .allSatisfy(body -> assertThat(body.html().orElseThrow()).hasSize(900_000));
  }

  @Test
  void textsThatAreAttachedAreFilesHoweverManyThereAre() throws Exception {
    var attached =
        "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n"
            + "x".repeat(1_000_000)
            + "\r\n";
    var structure = structure(TOP + attached.repeat(12) + "--b--\r\n");

    assertThat(structure.octetsToHold(1_000_000)).isBetween(12_000_000L, 12_001_000L);
    assertThat(structure.octetsToHold(999_999)).isLessThan(1000);
    assertThat(structure.mail().attachments()).hasSize(12);
  }

  @Test
  void smallTextsThatAreTooMuchTogetherAreHeldAllTheSame() throws Exception {
    var structure =
        structure(TOP + part("text/plain", "x".repeat(1_000_000)).repeat(12) + "--b--\r\n");

    assertThat(structure.octetsToHold(1_000_000)).isBetween(12_000_000L, 12_001_000L);
    assertThat(structure.octetsToHold(0)).isBetween(8L << 20, (8L << 20) + 1000);
    var mail = structure.mail();
    assertThat(mail.bodies()).hasSize(8);
    assertThat(mail.attachments()).hasSize(4);
  }

  @Test
  void aTextThatIsAllOfItsMailIsShownThoughItHasAName() throws Exception {
    var structure = structure("Content-Type: text/html; name=a.html\r\n\r\n" + "x".repeat(500_000));

    assertThat(structure.octetsToHold(0)).isBetween(2_000_000L, 2_001_000L);
    assertThat(structure.mail().bodies()).hasSize(1);
  }

  @Test
  void textsThatAreTooMuchTogetherAreFiles() throws Exception {
    var mail = TOP + part("text/plain", "words\r\n".repeat(500_000)).repeat(3) + "--b--\r\n";

    var read = structure(mail).mail();

    assertThat(read.bodies()).hasSize(2);
    assertThat(read.attachments())
        .singleElement()
        .satisfies(file -> assertThat(file.size()).isGreaterThan(3_400_000));
  }

  @Test
  void refusesHeadersThatAreTooMuchTogether() {
    var field = "X: " + "x".repeat(99_000) + "\r\n";
    var part = "--b\r\n" + field + "\r\n\r\n";

    assertThatThrownBy(() -> structure(TOP + part.repeat(45) + "--b--\r\n"))
        .isInstanceOf(MailException.class)
        .hasMessageContaining("headers");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheStoreCannotTakeIsNoFaultOfTheMail(boolean atItsEnd) {
    var full = new IOException("no space left");
    BodyStore store =
        () ->
            new BodyStore.Taking() {
              @Override
              public boolean write(byte[] octets, int offset, int length) throws IOException {
                if (!atItsEnd) {
                  throw full;
                }
                return true;
              }

              @Override
              public Body end() throws IOException {
                throw full;
              }
            };

    assertThatThrownBy(() -> structure(TOP + part("text/plain", "text") + "--b--\r\n", store))
        .isSameAs(full);
  }

  @Test
  void whatTheSourceCannotGiveIsNoFaultOfTheMail() {
    var lost = new IOException("the disk is broken");
    var octets = (TOP + part("text/plain", "text")).getBytes(ISO_8859_1);
    InputStream source =
        new FilterInputStream(new ByteArrayInputStream(octets)) {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, Math.min(length, 50));
            if (count < 50) {
              throw lost;
            }
            return count;
          }
        };

    assertThatThrownBy(() -> MailReader.structure(source, octets.length, new HeldBodies(100)))
        .isSameAs(lost);
  }
}
