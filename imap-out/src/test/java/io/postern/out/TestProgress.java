package io.postern.out;

import java.time.Instant;
import java.util.Optional;

/** Keeps a position as long as a test lasts. */
final class TestProgress implements ImapPoll.Progress {
  private Optional<ImapPoll.Position> position = Optional.empty();

  static TestProgress at(long uidValidity, long lastUid, Instant seenAt) {
    var progress = new TestProgress();
    progress.advance(new ImapPoll.Position(uidValidity, lastUid, seenAt, Optional.empty()));
    return progress;
  }

  @Override
  public Optional<ImapPoll.Position> position() {
    return position;
  }

  @Override
  public void advance(ImapPoll.Position reached) {
    position = Optional.of(reached);
  }

  /** UIDVALIDITY and the last UID. */
  String brief() {
    return position.map(at -> at.uidValidity() + " " + at.lastUid()).orElse("none");
  }
}
