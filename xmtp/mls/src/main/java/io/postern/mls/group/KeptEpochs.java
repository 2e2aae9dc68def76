package io.postern.mls.group;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The epochs whose messages this member can read: the current one and a few past. None once it was
 * removed. RFC 9420 §9.2 wants what falls out erased.
 */
final class KeptEpochs {
  /** Newest first. */
  private final Deque<MessageEpoch> epochs = new ArrayDeque<>();

  private KeptEpochs() {}

  static KeptEpochs none() {
    return new KeptEpochs();
  }

  /** {@code past} is newest first. */
  static KeptEpochs of(MessageEpoch current, List<MessageEpoch> past) {
    KeptEpochs kept = new KeptEpochs();
    kept.epochs.add(current);
    kept.epochs.addAll(past);
    return kept;
  }

  boolean isEmpty() {
    return epochs.isEmpty();
  }

  MessageEpoch current() {
    return epochs.getFirst();
  }

  /** Newest first. */
  List<MessageEpoch> past() {
    return epochs.stream().skip(1).toList();
  }

  Optional<MessageEpoch> find(long epoch) {
    return epochs.stream().filter(each -> each.epoch() == epoch).findFirst();
  }

  /** Enters {@code next}; of the epochs before it, {@code pastEpochs} stay. */
  void enter(MessageEpoch next, int pastEpochs) {
    current().forgetHandshake();
    epochs.addFirst(next);
    while (epochs.size() > pastEpochs + 1) {
      epochs.removeLast().erase();
    }
  }

  void erase() {
    epochs.forEach(MessageEpoch::erase);
    epochs.clear();
  }
}
