package io.postern.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mail.Received;
import io.postern.mail.auth.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpoolFileTest {
  @TempDir Path folder;

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsBackWhatItWrote(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var content = new byte[random.nextInt(300)];
    random.nextBytes(content);
    var written = anyFile(random, content.length);

    var path = write(content, written);

    assertEquals(written, SpoolFile.read(place(path)));
    try (var in = place(path).open(written.traceOctets(), content.length)) {
      assertEquals(
          Arrays.toString(Arrays.copyOfRange(content, written.traceOctets(), content.length)),
          Arrays.toString(in.readAllBytes()));
    }
  }

  /** As they were written before a verdict said more: nothing stands behind the domain. */
  @Test
  void readsFilesThatSayNothingBehindTheDomain() throws Exception {
    var metadata = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(metadata)) {
      out.writeBoolean(true);
      out.writeUTF("bob@example.org");
      out.writeInt(1);
      out.writeUTF("alice@bridge.example");
      out.writeLong(1_700_000_000L);
      out.writeInt(5);
      out.writeUTF("192.0.2.1");
      out.writeUTF("mail.example.org");
      out.writeBoolean(true);
      out.writeUTF("example.org");
    }
    var received =
        new Received(
            Instant.ofEpochSecond(1_700_000_000L, 5),
            "192.0.2.1",
            "mail.example.org",
            true,
            new Verdict("example.org", false, "", ""));
    var envelope =
        Envelope.of(
            Mailbox.parse("bob@example.org"), List.of(Mailbox.parse("alice@bridge.example")));
    var file = new SpoolFile(envelope, received, 0, 0, 0);

    var trailer = file.trailer();

    assertEquals(
        HexFormat.of().formatHex(metadata.toByteArray()),
        HexFormat.of().formatHex(trailer, 0, metadata.size()));
    assertEquals(file, SpoolFile.read(place(write(new byte[0], file))));
  }

  static LongStream seeds() {
    return LongStream.range(0, 50);
  }

  @Test
  void refusesEachTruncation() throws Exception {
    var content = "Subject: hi\r\n\r\nhello\r\n".getBytes();
    var whole =
        Files.readAllBytes(write(content, anyFile(new SplittableRandom(3), content.length)));
    var path = folder.resolve("cut");

    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));

      assertThrows(
          DamagedFileException.class, () -> SpoolFile.read(place(path)), "cut at " + length);
    }
  }

  @Test
  void refusesEachAlteredOctetOfMetadataAndFooter() throws Exception {
    var content = "Subject: hi\r\n\r\nhello\r\n".getBytes();
    var whole =
        Files.readAllBytes(write(content, anyFile(new SplittableRandom(4), content.length)));
    var path = folder.resolve("altered");

    for (int at = content.length; at < whole.length; at++) {
      var altered = whole.clone();
      altered[at] ^= 0x10;
      Files.write(path, altered);

      assertThrows(
          DamagedFileException.class, () -> SpoolFile.read(place(path)), "altered at " + at);
    }
  }

  @Test
  void meetsRandomOctetsWithItsOwnExceptionOnly() throws Exception {
    var random = new SplittableRandom(5);
    var path = folder.resolve("random");
    for (int i = 0; i < 300; i++) {
      var octets = new byte[random.nextInt(200)];
      random.nextBytes(octets);
      Files.write(path, octets);

      assertThrows(DamagedFileException.class, () -> SpoolFile.read(place(path)));
    }
  }

  private static FilePlace place(Path path) throws IOException {
    return new FilePlace(path, 0, Files.size(path));
  }

  private Path write(byte[] content, SpoolFile file) throws Exception {
    var out = new ByteArrayOutputStream();
    out.writeBytes(content);
    out.writeBytes(file.trailer());
    return Files.write(folder.resolve("file"), out.toByteArray());
  }

  private static SpoolFile anyFile(SplittableRandom random, int contentOctets) throws Exception {
    var forwardPaths = new ArrayList<Mailbox>();
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      forwardPaths.add(Mailbox.parse("\"r " + random.nextInt() + "\u00e9\"@bridge.example"));
    }
    Optional<Mailbox> reversePath =
        random.nextBoolean() ? Optional.of(Mailbox.parse("bob@example.org")) : Optional.empty();
    var received =
        new Received(
            Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
            "2001:db8::" + random.nextInt(10),
            "helo" + random.nextInt(),
            random.nextBoolean(),
            random.nextBoolean()
                ? Verdict.none()
                : new Verdict(
                    "example.org", random.nextBoolean(), "\u26a0 by a list", "mx; spf=pass"));
    return new SpoolFile(
        new Envelope(reversePath, forwardPaths),
        received,
        contentOctets,
        random.nextInt(contentOctets + 1),
        random.nextInt());
  }
}
