package io.postern.out;

import static io.postern.out.Sample.OCTETS;
import static io.postern.out.Sample.brief;
import static io.postern.out.Sample.envelope;
import static io.postern.out.Sample.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.postern.mail.Delivery;
import io.postern.mail.Envelope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureTest {
  private static final Instant START = Instant.parse("2026-11-25T10:00:00.123456789Z");

  @TempDir Path parent;
  private Path folder;
  private Instant now = START;

  @BeforeEach
  void chooseFolder() {
    folder = parent.resolve("captured");
  }

  private Capture open() throws IOException {
    return Capture.open(new Deliver.Capture(folder), (InstantSource) () -> now);
  }

  private static byte[] mail(String id) {
    return Sample.MAIL.replace("<x-1@", "<" + id + "@").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void keepsOctetsAndEnvelope() throws Exception {
    var capture = open();

    var delivery = capture.send(envelope(), OCTETS);

    var id = words(delivery);
    assertThat(brief(delivery)).isEqualTo("Delivered");
    assertThat(capture.read(id)).contains(OCTETS);
    assertThat(capture.find(id)).contains(new Captured(id, START, envelope(), OCTETS.length));
    assertThat(folder.resolve(id + ".eml")).exists();
  }

  @Test
  void writesAFileThatMailProgramsOpen() throws Exception {
    var id = words(open().send(envelope(), OCTETS));

    assertThat(Files.readString(folder.resolve(id + ".eml")))
        .isEqualTo(
            "Return-Path: <alice@bridge.example>\r\n"
                + "Delivered-To: bob@example.org\r\n"
                + "X-Postern-Captured: 2026-11-25T10:00:00.123456789Z\r\n"
                + Sample.MAIL);
  }

  @Test
  void keepsEnvelopesOfEveryKind() throws Exception {
    var capture = open();
    var nobody =
        Envelope.fromNobody(
            List.of(
                Sample.mailbox("\"a b\\\"c\"@example.org"),
                Sample.mailbox("b\u00f6b@\u00fc.example")));
    var octets = "Delivered-To: forged@example.org\r\n\r\nx\r\n".getBytes();

    var id = words(capture.send(nobody, octets));

    assertThat(capture.find(id)).map(Captured::envelope).contains(nobody);
    assertThat(capture.read(id)).contains(octets);
  }

  @Test
  void keepsTheSameMailToTheSameRecipientOnce() throws Exception {
    var capture = open();
    capture.send(envelope(), OCTETS);
    now = START.plusSeconds(60);

    capture.send(envelope("other@bridge.example", "BOB@example.org"), OCTETS);

    assertThat(capture.list(10)).extracting(Captured::at).containsExactly(now);
  }

  @Test
  void keepsOneMailToTwoRecipientsTwice() throws Exception {
    var capture = open();

    capture.send(envelope(), OCTETS);
    capture.send(envelope("alice@bridge.example", "carol@example.org"), OCTETS);

    assertThat(capture.list(10)).hasSize(2);
  }

  @Test
  void keepsMailWithoutIdByItsOctets() throws Exception {
    var capture = open();
    var one = "A: b\r\n\r\n1\r\n".getBytes();
    var two = "A: b\r\n\r\n2\r\n".getBytes();

    capture.send(envelope(), one);
    capture.send(envelope(), two);
    capture.send(envelope(), two);

    assertThat(capture.list(10)).hasSize(2);
  }

  @Test
  void listsTheNewestFirst() throws Exception {
    var capture = open();
    var ids = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      now = START.plusSeconds(i);
      ids.add(0, words(capture.send(envelope(), mail("x-" + i))));
    }

    assertThat(capture.list(3))
        .extracting(Captured::id)
        .containsExactlyElementsOf(ids.subList(0, 3));
    assertThat(capture.list(0)).isEmpty();
    assertThat(open().list(10)).extracting(Captured::id).containsExactlyElementsOf(ids);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "..",
        "../captured/x",
        "/etc/passwd",
        "0123456789abcdef0123456789abcdeF",
        "0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef\0",
        "0123456789abcdef0123456789abcdef\n"
      })
  void findsNothingByAnyOtherId(String id) throws Exception {
    var capture = open();
    capture.send(envelope(), OCTETS);

    assertThat(capture.read(id)).isEmpty();
    assertThat(capture.find(id)).isEmpty();
  }

  @Test
  void clearsWhatACrashLeftBehind() throws Exception {
    var id = words(open().send(envelope(), OCTETS));
    Files.writeString(folder.resolve("half123.tmp"), "Return-Path: <");

    var capture = open();

    assertThat(capture.list(10)).extracting(Captured::id).containsExactly(id);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve(id + ".eml"));
    }
  }

  @Test
  void tellsItsListeners() throws Exception {
    var capture = open();
    var heard = new ArrayList<Captured>();
    capture.listen(
        captured -> {
          throw new IllegalStateException("a listener's own bug");
        });
    var stop = capture.listen(heard::add);

    capture.send(envelope(), OCTETS);
    stop.run();
    capture.send(envelope(), mail("x-2"));

    assertThat(heard)
        .extracting(Captured::envelope, Captured::size)
        .containsExactly(tuple(envelope(), (long) OCTETS.length));
  }

  @Test
  void keepsWholeMailsWhileManyThreadsCapture() throws Exception {
    var capture = open();
    var threads = Executors.newFixedThreadPool(4);
    var ids = new HashSet<String>();
    try {
      var deliveries = new ArrayList<Future<Delivery>>();
      for (int i = 0; i < 100; i++) {
        var octets = mail("x-" + i % 5);
        deliveries.add(threads.submit(() -> capture.send(envelope(), octets)));
      }
      for (var delivery : deliveries) {
        assertThat(brief(delivery.get())).isEqualTo("Delivered");
        ids.add(words(delivery.get()));
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(capture.list(100)).extracting(Captured::id).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(ids).hasSize(5);
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(5);
    }
  }

  @Test
  void waitsWhenTheFolderIsGone() throws Exception {
    var capture = open();
    Files.delete(folder);

    var delivery = capture.send(envelope(), OCTETS);

    assertThat(brief(delivery)).isEqualTo("Deferred 4.3.1");
  }

  @Test
  void refusesMalformedMailAsARealSenderWould() throws Exception {
    var delivery = open().send(envelope(), "A: b\n\nc\n".getBytes());

    assertThat(brief(delivery)).isEqualTo("Refused 5.6.0");
  }

  @Test
  void refusesEachTruncatedEnvelope() throws Exception {
    var capture = open();
    var id = words(capture.send(envelope(), OCTETS));
    var file = folder.resolve(id + ".eml");
    var whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length - OCTETS.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));

      assertThatThrownBy(() -> capture.read(id)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> capture.find(id)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void meetsRandomFilesWithAnIoException() throws Exception {
    var capture = open();
    var id = words(capture.send(envelope(), OCTETS));
    var random = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      var octets = new byte[random.nextInt(300)];
      random.nextBytes(octets);
      Files.write(folder.resolve(id + ".eml"), octets);

      assertThatThrownBy(() -> capture.read(id)).isInstanceOf(IOException.class);
    }
  }
}
