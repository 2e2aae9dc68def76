package io.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A spool in a folder. */
class SpoolTest extends SpoolContract {
  @TempDir Path folder;

  @Override
  protected SpoolStore store() throws IOException {
    return SpoolStore.folder(folder);
  }

  @Test
  void leavesNothingBehind() throws Exception {
    for (var text : new String[] {"done", "deferred", "dead"}) {
      spool.accept(mail(text));
      var id = only(spool.due(NOW, 10)).id();
      spool.defer(id, NOW, "once");
      if (text.equals("dead")) {
        spool.dead(id, "5.1.1", "nobody there");
        spool.forget(id);
      } else {
        spool.done(id);
      }
    }

    assertThat(folder.resolve("ready")).isEmptyDirectory();
    assertThat(folder.resolve("dead")).isEmptyDirectory();
    assertThat(folder.resolve("incoming")).isEmptyDirectory();
  }

  /** From one data folder to another: what was given up as well, and with its attempts. */
  @Test
  void takesOverWhatAnotherHolds() throws Exception {
    spool.accept(mail("new"));
    spool.accept(mail("deferred"));
    spool.accept(mail("dead"));
    spool.accept(mail(new byte[100_000]));
    var ids = spool.due(NOW, 10).stream().map(SpooledMail::id).toList();
    spool.defer(ids.get(1), NOW.plusSeconds(60), "busy");
    spool.dead(ids.get(2), "5.1.1", "nobody there");
    spool.close();
    var other = folder.resolve("other");

    try (var from = SpoolStore.folder(folder);
        var to = SpoolStore.folder(other)) {
      assertEquals(4, to.takeOver(from));
    }

    try (var to = Spool.open(other, CLOCK)) {
      assertEquals(3, to.size());
      assertEquals(1, to.find(ids.get(1)).orElseThrow().attempts());
      assertEquals("5.1.1", only(to.dead()).status());
      assertEquals(100_000, to.find(ids.get(3)).orElseThrow().size());
    }
    spool = Spool.open(store(), CLOCK);
    assertEquals(0, spool.size());
    assertThat(spool.dead()).isEmpty();
  }

  @Test
  void sweepsWhatWasStillArriving() throws Exception {
    var left = folder.resolve("incoming").resolve("01JDGQ0000000000000000000A.mail");
    Files.writeString(left, "half a mail");

    reopen();

    assertThat(folder.resolve("incoming")).isEmptyDirectory();
    assertThat(spool.due(NOW, 10)).isEmpty();
  }

  @Test
  void setsForeignFilesAside() throws Exception {
    spool.accept(mail("one"));
    Files.writeString(folder.resolve("ready").resolve("notes.txt"), "hello");
    Files.createDirectory(folder.resolve("ready").resolve("folder.mail"));
    Files.writeString(folder.resolve("dead").resolve("notes.txt"), "hello");

    reopen();

    assertEquals(1, spool.due(NOW, 10).size());
    try (var files = Files.list(folder.resolve("damaged"))) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("notes.txt", "notes.txt.1", "folder.mail");
    }
  }

  @Test
  void setsADamagedMailAsideAndGoesOnWithTheOthers() throws Exception {
    spool.accept(mail("one"));
    spool.accept(mail("two"));
    var first = spool.due(NOW, 1).get(0).id();
    spool.defer(first, NOW, "busy");
    Files.writeString(folder.resolve("ready").resolve(first + ".mail"), "no spooled mail");

    reopen();

    assertEquals(
        "two", new String(only(spool.due(NOW, 10)).arrivedOctets(), StandardCharsets.UTF_8));
    assertThat(folder.resolve("damaged").resolve(first + ".mail")).hasContent("no spooled mail");
    assertEquals(1, spool.size());
  }

  @Test
  void noticesAnAlteredContent() throws Exception {
    spool.accept(mail("hello"));
    var spooled = only(spool.due(NOW, 10));
    spool.defer(spooled.id(), NOW, "busy");
    var altered = only(spool.due(NOW, 10));
    var path = folder.resolve("ready").resolve(altered.id() + ".mail");
    try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {'j'}), 0);
    }

    assertThrows(DamagedFileException.class, () -> handedOn(altered));
    assertThrows(DamagedFileException.class, altered::arrivedOctets);
    spool.setAside(spooled.id(), "altered");
    assertThat(spool.due(NOW, 10)).isEmpty();
    assertThat(folder.resolve("damaged")).isNotEmptyDirectory();
  }

  /** The last would not fit into the column that it moves to with {@code store move}. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "attempts=\\u00zz",
        "",
        "attempts=1\nat=then\n",
        "attempts=1\nat=2026-01-01T00\\:00\\:00Z\nstatus=5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\n"
      })
  void aDamagedStateCountsAsNone(String words) throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.defer(id, NOW.plusSeconds(60), "busy");
    Files.writeString(folder.resolve("ready").resolve(id + ".state"), words);

    reopen();

    assertEquals(0, only(spool.due(NOW, 10)).attempts());
  }

  @Test
  void aMailTakenAwayByHandIsNotDue() throws Exception {
    spool.accept(mail("one"));
    var id = only(spool.due(NOW, 10)).id();
    spool.defer(id, NOW, "busy");
    Files.delete(folder.resolve("ready").resolve(id + ".mail"));

    assertThat(spool.due(NOW, 10)).isEmpty();
  }

  @Test
  void belongsToOneProcessAtATime() {
    var refused = assertThrows(IOException.class, () -> Spool.open(folder, CLOCK));

    assertThat(refused).hasMessageContaining("another process uses this spool");
  }

  @Test
  void isReadableByItsOwnerOnly() throws Exception {
    var inside = folder.resolve("ready");

    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(inside)));
  }
}
