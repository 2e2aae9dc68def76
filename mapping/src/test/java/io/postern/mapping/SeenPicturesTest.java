package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.T0;
import static io.postern.mapping.MappingDatabase.mailbox;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.interop.OnEachDatabase;
import io.postern.mail.MailId;
import io.postern.mail.Mailbox;
import io.postern.mail.ReadableMail;
import io.postern.xmtp.content.Attachment;
import io.postern.xmtp.content.Content;
import io.postern.xmtp.content.Markdown;
import io.postern.xmtp.content.Text;
import io.postern.xmtp.identity.InboxId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachDatabase
class SeenPicturesTest {
  private static final Mailbox BOB = mailbox("bob@example.org");
  private static final InboxId ALICE = new InboxId("ab".repeat(32));
  private static final InboxId CAROL = new InboxId("cd".repeat(32));

  @TempDir Path folder;
  private MappingDatabase database;
  private SeenPictures seen;

  @BeforeEach
  void open() throws Exception {
    database = MappingDatabase.open(folder);
    seen = new SeenPictures(database.jdbi());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static IdempotencyKey mail(int n) {
    return IdempotencyKey.of(new MailId("<" + n + "@example.org>"), BOB, 0);
  }

  private void note(Set<String> pictures, int mail, Instant at) {
    database
        .jdbi()
        .useTransaction(handle -> seen.note(handle, BOB, ALICE, pictures, mail(mail), at));
  }

  private Set<String> repeated(Set<String> pictures, int mail) {
    return seen.repeated(mailbox("BOB@Example.org"), ALICE, pictures, mail(mail));
  }

  @Test
  void aPictureIsRepeatedByAnotherMailOfTheSamePersonToTheSamePeer() {
    note(Set.of("logo"), 1, T0);

    assertThat(repeated(Set.of("logo", "new"), 2)).containsExactly("logo");
    assertThat(seen.repeated(BOB, CAROL, Set.of("logo"), mail(2))).isEmpty();
    assertThat(seen.repeated(mailbox("eve@example.org"), ALICE, Set.of("logo"), mail(2))).isEmpty();
  }

  @Test
  void whatAMailBroughtFirstIsNewToItHoweverOftenItComes() {
    note(Set.of("logo"), 1, T0);
    note(Set.of("logo"), 1, T0.plusSeconds(1));
    note(Set.of("logo"), 2, T0.plusSeconds(2));

    assertThat(repeated(Set.of("logo"), 1)).isEmpty();
    assertThat(repeated(Set.of("logo"), 2)).containsExactly("logo");
  }

  @Test
  void aTransactionThatFailsNotesNothing() {
    try {
      database
          .jdbi()
          .useTransaction(
              handle -> {
                seen.note(handle, BOB, ALICE, Set.of("logo"), mail(1), T0);
                throw new IllegalStateException("the database is full");
              });
    } catch (IllegalStateException expected) {
      assertThat(expected).hasMessageContaining("full");
    }

    assertThat(repeated(Set.of("logo"), 2)).isEmpty();
  }

  @Test
  void keepsTheYoungestOfManyPictures() {
    note(Set.of("eldest"), 1, T0);
    note(Set.of("often"), 1, T0);
    for (int day = 1; day <= 4; day++) {
      int of = day;
      note(
          IntStream.range(0, 60).mapToObj(n -> of + "-" + n).collect(Collectors.toSet()),
          day + 1,
          T0.plusSeconds(day));
      note(Set.of("often"), day + 1, T0.plusSeconds(day));
    }

    var all = new HashSet<>(Set.of("eldest", "often"));
    for (int day = 1; day <= 4; day++) {
      for (int n = 0; n < 60; n++) {
        all.add(day + "-" + n);
      }
    }
    assertThat(repeated(all, 99))
        .hasSize(SeenPictures.MAX_PICTURES)
        .contains("often", "4-59")
        .doesNotContain("eldest");
  }

  @Test
  void forgetsWhatWasNotSeenForLong() {
    note(Set.of("old", "often"), 1, T0);
    note(Set.of("often"), 2, T0.plusSeconds(10));

    assertThat(seen.expire(T0.plusSeconds(5))).isEqualTo(1);
    assertThat(repeated(Set.of("old", "often"), 3)).containsExactly("often");
  }

  /** A mail whose HTML shows one picture where its author signs, and one picture that is a file. */
  private static String html(String text, int octets, String disposition) {
    return "From: Bob <bob@example.org>\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n"
        + "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
        + text
        + "<p><img src='cid:logo' alt='Our logo'></p>\n--b\nContent-Type: image/png; name=a.png\n"
        + "Content-ID: <logo>\nContent-Disposition: "
        + disposition
        + "\n\n"
        + "x".repeat(octets)
        + "\n--b\nContent-Type: image/png; name=photo.png\nContent-Disposition: attachment\n\n"
        + "x".repeat(octets)
        + "\n--b--\n";
  }

  private static List<Content> secondTime(String raw) {
    return secondTime(raw, Circumstances.Form.TEXT);
  }

  private static List<Content> secondTime(String raw, Circumstances.Form form) {
    var mail = IncomingMail.read(raw);
    var readable = ReadableMail.of(mail);
    var first = IncomingMail.lunch();
    var circumstances =
        new Circumstances(
            first.receivedAt(),
            first.answered(),
            first.members(),
            first.threadSubject(),
            first.introduction(),
            first.caution(),
            first.others(),
            Logos.keys(readable),
            first.reactions(),
            form,
            first.quotes());
    return IncomingMail.parts(mail, circumstances).stream()
        .map(MailToContent.Part::content)
        .toList();
  }

  private static List<String> names(List<Content> contents) {
    return contents.stream()
        .filter(Attachment.class::isInstance)
        .map(file -> ((Attachment) file).filename().orElseThrow())
        .toList();
  }

  @Test
  void aLogoAndItsPlaceInTheTextGoTheSecondTimeAndAFileStays() {
    var raw = html("<p>Hello</p>", 1000, "inline");

    var first = IncomingMail.parts(IncomingMail.read(raw), IncomingMail.lunch());
    var second = secondTime(raw);

    assertThat(((Text) first.get(0).content()).text()).endsWith("Hello\n\n[image: Our logo]");
    assertThat(first).hasSize(3);
    assertThat(((Text) second.get(0)).text()).endsWith("Hello");
    assertThat(names(second)).containsExactly("photo.png");
  }

  @Test
  void aLogoHasNoPlaceInMarkdownEither() {
    var raw = html("<h2>Hello</h2>", 1000, "inline");

    var second = secondTime(raw, Circumstances.Form.MARKDOWN);

    assertThat(((Markdown) second.get(0)).markdown()).endsWith("## Hello");
    assertThat(names(second)).containsExactly("photo.png");
  }

  @Test
  void whatIsLargeOrAttachedComesAgain() {
    assertThat(names(secondTime(html("<p>Hello</p>", Logos.MAX_OCTETS + 1, "inline"))))
        .containsExactly("a.png", "photo.png");
    assertThat(names(secondTime(html("<p>Hello</p>", 1000, "attachment"))))
        .containsExactly("a.png", "photo.png");
  }

  @Test
  void aForwardComesWhole() {
    var raw = html("<p>Hello</p>", 1000, "inline").replace("Message-ID", "Subject: Fwd: x\nA");

    assertThat(names(secondTime(raw))).containsExactly("a.png", "photo.png");
  }

  @Test
  void aPictureThatIsAllAMailSaysComesAgain() {
    var raw = html("", 1000, "inline");
    var alone = raw.substring(0, raw.lastIndexOf("\n--b\n")) + "\n--b--\n";

    assertThat(names(secondTime(alone))).containsExactly("a.png");
  }
}
