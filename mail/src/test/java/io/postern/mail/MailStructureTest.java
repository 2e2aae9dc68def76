package io.postern.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
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

    assertThat(structure(mail).octetsToHold(0)).isBetween(940_000L, 941_000L);
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
