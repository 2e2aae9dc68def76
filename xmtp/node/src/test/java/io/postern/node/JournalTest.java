package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path folder;

  @Test
  void tellsTheNextRunWhatItWasTold() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
      journal.append(2, octets(""));
      journal.append(3, octets("three"));
    }

    assertThat(replayed()).containsExactly("1 one", "2 ", "3 three");
  }

  @Test
  void keepsWhatItHadWhenItGoesOn() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
    }
    try (var journal = open()) {
      journal.append(2, octets("two"));
    }

    assertThat(replayed()).containsExactly("1 one", "2 two");
  }

  @Test
  void endsBeforeAFrameThatWasNotWrittenToItsEnd() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
      journal.append(2, octets("two"));
    }
    var file = folder.resolve("node.journal");
    var whole = Files.readAllBytes(file);
    var first = whole.length / 2;

    for (var length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(replayed()).isEqualTo(length < first ? List.of() : List.of("1 one"));
      try (var journal = open()) {
        journal.append(9, octets("nine"));
      }
      assertThat(replayed()).last().isEqualTo("9 nine");
    }
  }

  @Test
  void endsBeforeAFrameOfWhichABitIsFlipped() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
      journal.append(2, octets("two"));
    }
    var file = folder.resolve("node.journal");
    var whole = Files.readAllBytes(file);

    for (var i = whole.length / 2; i < whole.length; i++) {
      var spoiled = whole.clone();
      spoiled[i] ^= 0x10;
      Files.write(file, spoiled);
      assertThat(replayed()).containsExactly("1 one");
    }
  }

  @Test
  void takesBackTheLastFrame() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
      journal.append(2, octets("two"));
      journal.undo();
      journal.append(2, octets("another two"));
    }

    assertThat(replayed()).containsExactly("1 one", "2 another two");
  }

  @Test
  void takesNothingBehindAFrameThatFailed() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
      Thread.currentThread().interrupt(); // ends the write
      assertThatThrownBy(() -> journal.append(2, octets("two"))).isInstanceOf(IOException.class);
      assertThat(Thread.interrupted()).isTrue();

      assertThatThrownBy(() -> journal.append(2, octets("another two")))
          .hasMessageContaining("opened again");
      assertThatThrownBy(journal::rotate).hasMessageContaining("opened again");
      assertThat(journal.isSpoiled()).isTrue();
    }
  }

  @Test
  void keepsTheFileBeforeTheCurrentOne() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
      journal.rotate();
      journal.append(2, octets("two"));
      journal.rotate();
      journal.append(3, octets("three"));
    }

    assertThat(replayed()).containsExactly("2 two", "3 three");
  }

  @Test
  void becomesLong() throws Exception {
    try (var journal = open()) {
      journal.append(1, new byte[(int) Journal.MAX_BYTES]);
      assertThat(journal.isLong()).isTrue();

      journal.rotate();

      assertThat(journal.isLong()).isFalse();
    }
  }

  @Test
  void hidesNoFailureOfTheReplay() throws Exception {
    try (var journal = open()) {
      journal.append(1, octets("one"));
    }

    assertThatThrownBy(
            () ->
                Journal.recover(
                    folder,
                    (number, changes) -> {
                      throw new IOException("no room");
                    }))
        .hasMessage("no room");
  }

  private Journal open() throws IOException {
    return Journal.recover(folder, (number, changes) -> {});
  }

  private List<String> replayed() throws IOException {
    var frames = new ArrayList<String>();
    Journal.recover(
            folder,
            (number, changes) ->
                frames.add(number + " " + new String(changes, StandardCharsets.UTF_8)))
        .close();
    return frames;
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
