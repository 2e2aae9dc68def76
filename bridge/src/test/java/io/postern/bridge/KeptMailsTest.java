package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.postern.interop.OnEachDatabase;
import io.postern.mapping.ConversationId;
import io.postern.mapping.KeptMail;
import io.postern.xmtp.store.Vault;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class KeptMailsTest {
  private static final ConversationId DM = new ConversationId("0".repeat(32));
  private static final Duration MONTH = Duration.ofDays(30);
  private static final byte[] MAIL =
      "Subject: secret\r\n\r\nwords".getBytes(StandardCharsets.UTF_8);

  @TempDir Path data;
  private final TestClock clock = new TestClock();
  private final Vault vault = TestVault.any();
  private TestStore store;
  private Path folder;

  @BeforeEach
  void open() throws Exception {
    store = new TestStore();
    folder = data.resolve("kept");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private KeptMails kept(Duration time, long maxOctets) throws IOException {
    return KeptMails.open(folder, time, maxOctets, vault, store.jdbi(), clock);
  }

  private KeptMails kept() throws IOException {
    return kept(MONTH, KeptMails.MAX_OCTETS);
  }

  private KeptMail keep(KeptMails kept, String spoolId) throws IOException {
    var mail = kept.write(spoolId, () -> new ByteArrayInputStream(MAIL)).orElseThrow();
    store.jdbi().useTransaction(handle -> kept.keep(handle, mail, DM, List.of("a".repeat(64))));
    clock.goOn(Duration.ofSeconds(1));
    return mail;
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private void age(String file, Duration age) throws IOException {
    var time = FileTime.from(clock.instant().minus(age));
    Files.setLastModifiedTime(folder.resolve(file), time);
  }

  @Test
  void givesBackWhatItKept() throws Exception {
    keep(kept(), "one");

    assertThat(kept().read("one").orElseThrow().octets()).isEqualTo(MAIL);
    assertThat(kept().read("two")).isEmpty();
  }

  @Test
  void nothingOfTheMailLiesOpen() throws Exception {
    var mail = keep(kept(), "one");

    var octets = Files.readAllBytes(folder.resolve(mail.fileName()));
    assertThat(new String(octets, StandardCharsets.ISO_8859_1)).doesNotContain("secret", "words");
    assertThat(mail.fileName()).doesNotContain("one");
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      var permissions = Files.getPosixFilePermissions(folder.resolve(mail.fileName()));
      assertEquals("rw-------", PosixFilePermissions.toString(permissions));
    }
  }

  @Test
  void aMailForTwoRecipientsIsOneFile() throws Exception {
    var kept = kept();

    var first = keep(kept, "one");
    var second = keep(kept, "one");

    assertEquals(first, second);
    assertThat(files()).hasSize(1);
  }

  @Test
  void keepsNothingWhereNothingIsToBeKept() throws Exception {
    var kept = kept(Duration.ZERO, KeptMails.MAX_OCTETS);

    assertThat(kept.write("one", () -> new ByteArrayInputStream(MAIL))).isEqualTo(Optional.empty());
    assertThat(files()).isEmpty();
  }

  @Test
  void aFileThatIsDamagedOrGoneOrOfAnotherMailIsNotGivenOut() throws Exception {
    var kept = kept();
    var one = folder.resolve(keep(kept, "one").fileName());
    var two = folder.resolve(keep(kept, "two").fileName());
    var three = folder.resolve(keep(kept, "three").fileName());

    Files.write(one, new byte[] {1, 2, 3});
    Files.write(two, Files.readAllBytes(three));
    Files.delete(three);

    assertThat(kept.read("one")).isEmpty();
    assertThat(kept.read("two")).isEmpty();
    assertThat(kept.read("three")).isEmpty();
  }

  @Test
  void aLargeMailIsSealedInPiecesThatCannotBeMovedOrLeftOut() throws Exception {
    var mail = new byte[(256 << 10) * 3 + 1];
    new SplittableRandom(1).nextBytes(mail);
    var kept = kept();
    var written = kept.write("large", () -> new ByteArrayInputStream(mail)).orElseThrow();
    var file = folder.resolve(written.fileName());
    var octets = Files.readAllBytes(file);
    int piece = Integer.BYTES + ByteBuffer.wrap(octets, 8, Integer.BYTES).getInt();

    assertThat(kept.read(written).orElseThrow().octets()).isEqualTo(mail);

    var moved = octets.clone();
    System.arraycopy(octets, 8, moved, 8 + piece, piece);
    for (var damaged :
        List.of(
            moved,
            Arrays.copyOf(octets, 8 + 2 * piece),
            Arrays.copyOf(octets, 8 + piece + 2),
            Arrays.copyOf(octets, octets.length - 1),
            Arrays.copyOf(octets, octets.length + 4),
            Arrays.copyOf(octets, 8))) {
      Files.write(file, damaged);
      assertThat(kept.read(written)).isEmpty();
    }
  }

  @Test
  void readsWhatAnEarlierVersionHasSealedWhole() throws Exception {
    var kept = kept();
    var mail = keep(kept, "one");

    Files.write(folder.resolve(mail.fileName()), vault.seal("kept_mail one", MAIL));

    assertThat(kept.read("one").orElseThrow().octets()).isEqualTo(MAIL);
  }

  @Test
  void whatBreaksOffWhileItIsWrittenLeavesNoFile() throws Exception {
    var broken =
        new FilterInputStream(new ByteArrayInputStream(new byte[1 << 20])) {
          @Override
          public int read(byte[] octets, int offset, int length) throws IOException {
            if (in.available() < 1 << 19) {
              throw new IOException("the spool's disk is broken");
            }
            return super.read(octets, offset, length);
          }
        };

    assertThat(kept().write("one", () -> broken)).isEmpty();

    assertThat(files()).isEmpty();
  }

  @Test
  void forgetsWhatIsTooOld() throws Exception {
    var kept = kept();
    var old = keep(kept, "old");
    age(old.fileName(), Duration.ofDays(2));
    clock.goOn(MONTH);
    var fresh = keep(kept, "fresh");

    kept.expire();

    assertThat(kept.read("old")).isEmpty();
    assertThat(files()).containsExactly(fresh.fileName());
  }

  @Test
  void whatCannotBeKeptHoldsUpNoMail() throws Exception {
    var mail =
        kept()
            .write(
                "one",
                () -> {
                  throw new IOException("no space left");
                });

    assertThat(mail).isEmpty();
  }

  @Test
  void aFileWhoseTransactionFailedIsDiscardedAndANamedOneStays() throws Exception {
    var kept = kept();
    var failed = kept.write("failed", () -> new ByteArrayInputStream(MAIL)).orElseThrow();
    var named = keep(kept, "named");

    kept.discard(failed);
    kept.discard(named);

    assertThat(files()).containsExactly(named.fileName());
    assertThat(kept.read("named")).isPresent();
  }

  @Test
  void aFileThatACrashLeftWithoutANameGoes() throws Exception {
    var kept = kept();
    var nameless = kept.write("crashed", () -> new ByteArrayInputStream(MAIL)).orElseThrow();
    var young = kept.write("under way", () -> new ByteArrayInputStream(MAIL)).orElseThrow();
    age(nameless.fileName(), Duration.ofHours(2));
    age(young.fileName(), Duration.ofMinutes(2));

    kept.expire();

    assertThat(files()).containsExactly(young.fileName());
  }

  @Test
  void theEldestMakeRoom() throws Exception {
    var size = keep(kept(), "first").fileOctets();
    var kept = kept(MONTH, 2 * size);

    keep(kept, "second");
    keep(kept, "third");

    assertThat(kept.read("first")).isEmpty();
    assertThat(kept.read("second")).isPresent();
    assertThat(kept.read("third")).isPresent();
    assertThat(files()).hasSize(2);
  }

  @Test
  void aMailThatWouldNeedAllTheRoomIsNotKept() throws Exception {
    var kept = kept(MONTH, 10);

    assertThat(kept.write("large", () -> new ByteArrayInputStream(MAIL))).isEmpty();

    assertThat(folder).isEmptyDirectory();
  }
}
