package io.postern.bridge;

import io.postern.mls.crypto.Secret;
import io.postern.xmtp.identity.Mnemonic;
import io.postern.xmtp.store.ClientStore;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Shows the words of the seed to a person, once. They count as shown when the person has typed two
 * of them: until then a mistake costs nothing.
 */
final class SeedWords {
  private static final int IN_A_ROW = 4;
  private static final int ASKED = 2;
  private static final int TRIES = 3;

  private final ClientStore store;
  private final SecureRandom random;
  private final long nowNs;

  SeedWords(ClientStore store, SecureRandom random, long nowNs) {
    this.store = store;
    this.random = random;
    this.nowNs = nowNs;
  }

  /**
   * Makes the seed if there is none, shows its words, and asks for two.
   *
   * @throws BridgeException if they were shown before, or what is typed is not in them
   */
  void show(Terminal terminal) throws BridgeException {
    var words = words();
    terminal.say("Write these words down, in this order, on paper. They are never shown again.");
    terminal.say(
        "Whoever has them has all hosted inboxes; with them alone they can be made again.");
    terminal.say("");
    rows(words).forEach(terminal::say);
    terminal.say("");
    for (int number : twoOf(words.size())) {
      require(terminal, words.get(number - 1), number);
    }
    terminal.clear();
    terminal.say("The words are right, and this was the only time that they were shown.");
    markShown();
  }

  /** The same for a program, which is asked nothing. */
  void print(PrintWriter out) throws BridgeException {
    var words = words();
    out.println(String.join(" ", words));
    out.flush();
    markShown();
  }

  private List<String> words() throws BridgeException {
    var entropy =
        store
            .jdbi()
            .inTransaction(
                handle ->
                    store.seeds().isShown(handle)
                        ? Optional.<byte[]>empty()
                        : Optional.of(store.seeds().entropyOrNew(handle, random)));
    if (entropy.isEmpty()) {
      throw new BridgeException(
          "the words of this seed were shown before, and are not shown again; if nobody has them,"
              + " make backups: postern vault backup FILE");
    }
    var mnemonic = Mnemonic.of(Secret.take(entropy.get()));
    try {
      return mnemonic.words();
    } finally {
      mnemonic.erase();
    }
  }

  private void markShown() {
    store.jdbi().useTransaction(handle -> store.seeds().shown(handle, nowNs));
  }

  private static List<String> rows(List<String> words) {
    var rows = new ArrayList<String>();
    for (int i = 0; i < words.size(); i += IN_A_ROW) {
      var row = new StringBuilder();
      for (int j = i; j < Math.min(i + IN_A_ROW, words.size()); j++) {
        row.append(String.format(Locale.ROOT, "%3d %-12s", j + 1, words.get(j)));
      }
      rows.add(row.toString().stripTrailing());
    }
    return rows;
  }

  /** Numbers from 1, the lower one first. */
  private int[] twoOf(int size) {
    return random.ints(1, size + 1).distinct().limit(ASKED).sorted().toArray();
  }

  private static void require(Terminal terminal, String word, int number) throws BridgeException {
    for (int tried = 0; tried < TRIES; tried++) {
      var typed = terminal.ask("Word " + number + ": ");
      if (typed.isEmpty()) {
        break;
      }
      if (typed.get().strip().toLowerCase(Locale.ROOT).equals(word)) {
        return;
      }
      terminal.say("That is not word " + number + "; look at your paper.");
    }
    terminal.clear();
    throw new BridgeException(
        "word "
            + number
            + " was not typed, so the words do not count as shown; begin again: postern vault"
            + " create");
  }
}
