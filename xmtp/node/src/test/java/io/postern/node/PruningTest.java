package io.postern.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.mls.api.GroupMessage;
import io.postern.xmtp.proto.mls.api.WelcomeMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruningTest {
  private static final ByteString GROUP = MlsOctets.groupId(1);
  private static final ByteString OTHER = MlsOctets.groupId(2);

  @TempDir Path folder;
  @TempDir Path copy;
  private final Calendar calendar = new Calendar();
  private NodeDatabase database;
  private EnvelopeLog<GroupMessage> groups;
  private EnvelopeLog<WelcomeMessage> welcomes;
  private KeyPackages keyPackages;
  private Pruning pruning;

  @BeforeEach
  void open() throws Exception {
    open(folder);
  }

  private void open(Path data) throws NodeException {
    database = NodeDatabase.open(data, calendar);
    groups = new EnvelopeLog<>("group", Change.GROUP_ENTRY, GroupMessage.parser(), database);
    welcomes =
        new EnvelopeLog<>("welcome", Change.WELCOME_ENTRY, WelcomeMessage.parser(), database);
    keyPackages = new KeyPackages(database);
    pruning = new Pruning(groups, welcomes, keyPackages, Retention.ofPublicNetwork(), calendar);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void deletesMessagesThatAreTooOldAndNoCommits() {
    group(GROUP, "a", false);
    group(GROUP, "b", true);
    group(OTHER, "c", false);
    calendar.pass(Duration.ofDays(29));
    group(GROUP, "d", false);
    calendar.pass(Duration.ofDays(2));

    pruning.run();

    assertThat(ids(GROUP)).containsExactly(2L, 4L);
    assertThat(ids(OTHER)).isEmpty();
    assertThat(groups.newest(OTHER)).isEmpty();
    assertThat(groups.newest(GROUP)).map(EnvelopeLog.Newest::id).contains(4L);
    assertThat(groups.behind(Map.of(OTHER, 0L, GROUP, 2L))).containsExactly(GROUP);
  }

  @Test
  void goesOnWhereItsLastRunEnded() {
    group(GROUP, "a", false);
    calendar.pass(Duration.ofDays(20));
    group(GROUP, "b", false);
    calendar.pass(Duration.ofDays(11));
    group(GROUP, "c", false);
    pruning.run();
    assertThat(ids(GROUP)).containsExactly(2L, 3L);
    calendar.pass(Duration.ofDays(20));

    pruning.run();

    assertThat(ids(GROUP)).containsExactly(3L);
  }

  @Test
  void deletesAnyNumber() {
    var many = new ArrayList<Arrival<GroupMessage>>();
    for (var i = 0; i < 2_345; i++) {
      many.add(arrival(GROUP, "m" + i, false));
    }
    groups.append(many).join();
    calendar.pass(Duration.ofDays(31));
    group(GROUP, "last", false);

    pruning.run();

    assertThat(ids(GROUP)).containsExactly(2_346L);
  }

  @Test
  void idsGoOnWhenEverythingIsOld() throws Exception {
    group(GROUP, "a", false);
    group(GROUP, "b", false);
    calendar.pass(Duration.ofDays(100));

    pruning.run();
    database.close();
    open(folder);
    group(GROUP, "c", false);

    assertThat(ids(GROUP)).containsExactly(2L, 3L);
  }

  @Test
  void whatWasDeletedMayBeSentAgain() {
    group(GROUP, "a", false);
    calendar.pass(Duration.ofDays(31));
    group(GROUP, "b", false);
    pruning.run();

    group(GROUP, "a", false);

    assertThat(ids(GROUP)).containsExactly(2L, 3L);
  }

  @Test
  void deletesWelcomesAfterNinetyDays() {
    welcome("a");
    welcome("b");
    calendar.pass(Duration.ofDays(89));
    pruning.run();
    assertThat(welcomes.query(OTHER, true, 0, 100).entries()).hasSize(2);
    calendar.pass(Duration.ofDays(2));
    welcome("c");

    pruning.run();

    assertThat(welcomes.query(OTHER, true, 0, 100).entries())
        .extracting(LogEntry::id)
        .containsExactly(3L);
  }

  @Test
  void deletesAKeyPackageNinetyDaysAfterTheFirstOfItsInstallationHoweverNewItIs() {
    var early = MlsOctets.installationKey(1);
    var late = MlsOctets.installationKey(2);
    keyPackages.put(early, ByteString.copyFromUtf8("first")).join();
    calendar.pass(Duration.ofDays(89));
    keyPackages.put(early, ByteString.copyFromUtf8("second")).join();
    keyPackages.put(late, ByteString.copyFromUtf8("third")).join();
    calendar.pass(Duration.ofDays(2));

    pruning.run();

    assertThat(keyPackages.fetch(List.of(early, late)))
        .containsExactly(ByteString.EMPTY, ByteString.copyFromUtf8("third"));
    keyPackages.put(early, ByteString.copyFromUtf8("fourth")).join();
    pruning.run();
    assertThat(keyPackages.fetch(List.of(early)))
        .containsExactly(ByteString.copyFromUtf8("fourth"));
  }

  @Test
  void fallsOverNothingWhenTheDatabaseIsClosed() {
    group(GROUP, "a", false);
    database.close();

    assertThatCode(pruning::run).doesNotThrowAnyException();
    assertThatThrownBy(() -> ids(GROUP)).isInstanceOf(ConnectionException.class);
  }

  @Test
  void isDoneAgainFromTheJournal() throws Exception {
    var early = MlsOctets.installationKey(1);
    keyPackages.put(early, ByteString.copyFromUtf8("first")).join();
    group(GROUP, "a", false);
    group(GROUP, "b", true);
    welcome("c");
    calendar.pass(Duration.ofDays(100));
    group(GROUP, "d", false);
    welcome("e");
    pruning.run();

    asAKillLeavesIt();
    database.close();
    open(copy);

    assertThat(ids(GROUP)).containsExactly(2L, 3L);
    assertThat(welcomes.query(OTHER, true, 0, 100).entries()).hasSize(1);
    assertThat(keyPackages.fetch(List.of(early))).containsExactly(ByteString.EMPTY);
  }

  private void asAKillLeavesIt() throws IOException {
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
  }

  private List<Long> ids(ByteString topic) {
    return groups.query(topic, true, 0, 100).entries().stream().map(LogEntry::id).toList();
  }

  private void group(ByteString topic, String text, boolean isCommit) {
    groups.append(List.of(arrival(topic, text, isCommit))).join();
  }

  private static Arrival<GroupMessage> arrival(ByteString topic, String text, boolean isCommit) {
    return new Arrival<>(
        topic,
        Optional.of(Arrival.digest(topic, ByteString.copyFromUtf8(text))),
        isCommit,
        10,
        (id, createdNs) -> GroupMessage.getDefaultInstance());
  }

  private void welcome(String text) {
    welcomes
        .append(
            List.of(
                new Arrival<>(
                    OTHER,
                    Optional.of(Arrival.digest(OTHER, ByteString.copyFromUtf8(text))),
                    false,
                    10,
                    (id, createdNs) -> WelcomeMessage.getDefaultInstance())))
        .join();
  }

  private static final class Calendar extends Clock {
    private volatile Instant now = Instant.parse("2026-11-25T12:00:00Z");

    void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
