package io.postern.bridge.web;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Dead letters of which everything is known, and what became of them. */
final class KnownDeadLetters implements DeadLetters {
  private final List<DeadLetter> letters;

  /** What was done, one word and an id or a domain each. */
  final List<String> done = new CopyOnWriteArrayList<>();

  private KnownDeadLetters(List<DeadLetter> letters) {
    this.letters = new CopyOnWriteArrayList<>(letters);
  }

  static KnownDeadLetters of(DeadLetter... letters) {
    return new KnownDeadLetters(List.of(letters));
  }

  static DeadLetter letter(String id, String to, String reason) {
    return new DeadLetter(
        id,
        KnownStatus.BEGUN,
        KnownStatus.BEGUN.minusSeconds(3600),
        "inbox " + KnownStatus.INBOX_ID,
        List.of(to),
        1234,
        17,
        reason,
        "<x1@bridge.example>");
  }

  @Override
  public List<DeadLetter> find(String to, int count) {
    return letters.stream().filter(letter -> letter.to().get(0).endsWith(to)).limit(count).toList();
  }

  @Override
  public Optional<DeadLetter> byId(String id) {
    return letters.stream().filter(letter -> letter.id().equals(id)).findFirst();
  }

  @Override
  public boolean retry(String id) {
    done.add("retry " + id);
    return letters.removeIf(letter -> letter.id().equals(id));
  }

  @Override
  public int retryAll(String to) {
    done.add("retryAll " + to);
    return find(to, RETRIED_AT_ONCE).size();
  }

  @Override
  public boolean drop(String id) {
    done.add("drop " + id);
    return letters.removeIf(letter -> letter.id().equals(id));
  }
}
