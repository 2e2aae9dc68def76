package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.postern.mail.Attachment;
import io.postern.mail.Body;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies on the disk are what they are in memory. */
class CarriedBodiesTest {
  private static final String TOP =
      "From: <bob@example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";

  @TempDir Path folder;
  private Path file;
  private CarriedBodies bodies;

  @BeforeEach
  void open() {
    file = folder.resolve("bodies");
    bodies = new CarriedBodies(file);
  }

  @AfterEach
  void close() {
    bodies.close();
    assertThat(folder).isEmptyDirectory();
  }

  private static byte[] octets(int size) {
    var octets = new byte[size];
    new SplittableRandom(size).nextBytes(octets);
    return octets;
  }

  private Body body(byte[] octets) throws IOException {
    var taking = bodies.begin();
    for (int at = 0; at < octets.length; at += 1000) {
      taking.write(octets, at, Math.min(1000, octets.length - at));
    }
    return taking.end();
  }

  private Mail carried(byte[] mail) throws IOException, MailException {
    return MailReader.structure(new ByteArrayInputStream(mail), mail.length, bodies).mail();
  }

  private static String part(String type, String base64) {
    return "--b\r\nContent-Type: "
        + type
        + "\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64
        + "\r\n";
  }

  private Mail assertSame(String mail) throws Exception {
    var octets = mail.getBytes(StandardCharsets.ISO_8859_1);

    var carried = carried(octets);

    var held = MailReader.read(octets);
    assertThat(carried.attachments()).isEqualTo(held.attachments());
    assertThat(carried.bodies()).isEqualTo(held.bodies());
    return carried;
  }

  @Test
  void keepsSmallBodiesInMemory() throws Exception {
    var body = body(octets(16 << 10));

    assertThat(body.octets()).isEqualTo(octets(16 << 10));
    assertThat(file).doesNotExist();
  }

  @Test
  void putsLargeBodiesIntoAFileOfItsOwnerOne() throws Exception {
    var sizes = new int[] {(16 << 10) + 1, 64 << 10, (64 << 10) + 1, 3 << 20};
    var taken = new ArrayList<Body>();
    for (int size : sizes) {
      taken.add(body(octets(size)));
    }

    for (int i = 0; i < sizes.length; i++) {
      assertThat(taken.get(i).size()).isEqualTo(sizes[i]);
      assertThat(taken.get(i).octets()).isEqualTo(octets(sizes[i]));
      assertThat(taken.get(i).beginning(7)).isEqualTo(Body.of(octets(sizes[i])).beginning(7));
      assertThat(taken.get(i).digest()).isEqualTo(Body.of(octets(sizes[i])).digest());
    }
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void manySmallBodiesDoNotAddUpInMemory() throws Exception {
    var taken = new ArrayList<Body>();
    int all = 0;
    for (int size = 9_900; size < 10_100; size++) {
      taken.add(body(octets(size)));
      all += size;
    }

    assertThat(Files.size(file)).isBetween(all - (1L << 20), (long) all);
    for (var body : taken) {
      assertThat(body.octets()).isEqualTo(octets(body.size()));
    }
    assertThat(taken).extracting(Body::size).doesNotHaveDuplicates();
  }

  @Test
  void replacesWhatAnEarlierTryHasLeft() throws Exception {
    Files.write(file, octets(5_000_000));

    assertThat(body(octets(100_000)).octets()).isEqualTo(octets(100_000));
    assertThat(Files.size(file)).isEqualTo(100_000);
  }

  @Test
  void aFileThatBecameShorterIsNoShorterBody() throws Exception {
    var body = body(octets(100_000));

    Files.write(file, octets(50_000));

    assertThatThrownBy(body::octets)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("became shorter");
  }

  @Test
  void readsAFileOfTheLargestMailLikeOneInMemory() throws Exception {
    var largest = octets(45 << 20);

    var mail = TOP + part("video/mp4", Base64.getMimeEncoder().encodeToString(largest)) + "--b--";

    var carried = carried(mail.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(carried.attachments()).hasSize(1);
    assertThat(carried.attachments().get(0).size()).isEqualTo(largest.length);
    assertThat(carried.attachments().get(0).digest()).isEqualTo(Body.of(largest).digest());
  }

  @Test
  void readsRubbishWithinBase64LikeOneInMemory() throws Exception {
    var rubbish = new StringBuilder();
    var random = new SplittableRandom(3);
    for (int i = 0; i < 100_000; i++) {
      rubbish.append((char) (random.nextInt(10) == 0 ? random.nextInt(1, 256) : 'Q'));
      rubbish.append(i % 60 == 0 ? "\r\n" : "");
    }

    assertSame(TOP + part("image/png", rubbish.toString()) + "--b--\r\n");
  }

  @Test
  void readsAPartThatIsCutShortLikeOneInMemory() throws Exception {
    var whole = TOP + part("image/png", "QUJD".repeat(30_000)) + part("image/gif", "Q");

    for (int end : new int[] {whole.length() - 1, whole.length() - 90, TOP.length() + 100_000}) {
      assertSame(whole.substring(0, end));
    }
  }

  @Test
  void readsTextsAndUnpacksLikeInMemory() throws Exception {
    var text = "--b\r\nContent-Type: text/plain\r\n\r\n" + "words\r\n".repeat(10_000);
    var html = "--b\r\nContent-Type: text/html\r\n\r\n" + "<p>words</p>\r\n".repeat(10_000);
    var inner =
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n" + "x".repeat(99999);

    assertSame(TOP + text + html + inner + "\r\n--b--\r\n");
  }

  @Test
  void unpacksWhatIsOnTheDiskLikeInMemory() throws Exception {
    var outlook = tnef("said.bin", octets(40_000));
    var entity =
        ("Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nwords\r\n"
                + "--i\r\nContent-Type: image/png; name=seal.png\r\n\r\n"
                + "x".repeat(50_000)
                + "\r\n--i--\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    var signed = new CMSSignedDataGenerator().generate(new CMSProcessableByteArray(entity), true);
    var base64 = Base64.getMimeEncoder();

    var mail =
        assertSame(
            TOP
                + part("application/octet-stream", base64.encodeToString(outlook))
                + part(
                    "application/octet-stream; name=smime.p7m",
                    base64.encodeToString(signed.getEncoded()))
                + "--b--\r\n");

    assertThat(Files.size(file)).isGreaterThan(90_000);
    assertThat(mail.attachments())
        .extracting(Attachment::filename, Attachment::size)
        .containsExactly(tuple("said.bin", 40_000), tuple("seal.png", 50_000));
    assertThat(mail.bodies()).extracting(Mail.Body::plain).contains(Optional.of("words"));
  }

  /** A {@code winmail.dat} with one file. MS-OXTNEF §2.1. */
  private static byte[] tnef(String name, byte[] octets) {
    var out = ByteBuffer.allocate(octets.length + 200).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(0x223e9f78).putShort((short) 1);
    attribute(out, 1, 0x00089006, new byte[] {0, 0, 1, 0});
    attribute(out, 2, 0x00069002, new byte[14]);
    attribute(out, 2, 0x00018010, (name + "\0").getBytes(StandardCharsets.US_ASCII));
    attribute(out, 2, 0x0006800f, octets);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static void attribute(ByteBuffer out, int level, int id, byte[] octets) {
    int sum = 0;
    for (byte octet : octets) {
      sum += octet & 0xff;
    }
    out.put((byte) level).putInt(id).putInt(octets.length).put(octets).putShort((short) sum);
  }

  @Test
  void refusesTenThousandParts() {
    var parts = TOP + part("image/png", "QUJD".repeat(10)).repeat(10_000) + "--b--\r\n";

    assertThatThrownBy(() -> carried(parts.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(MailException.class)
        .hasMessageContaining("parts");
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 30_000, 90_000})
  void aDiskThatIsFullIsNoFaultOfTheMail(int size) throws Exception {
    bodies = new CarriedBodies(folder.resolve("missing").resolve("bodies"));
    var mail = TOP + part("image/png", "QUJD".repeat(size / 3)) + "--b--\r\n";

    assertThatThrownBy(() -> carried(mail.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(IOException.class);
  }
}
