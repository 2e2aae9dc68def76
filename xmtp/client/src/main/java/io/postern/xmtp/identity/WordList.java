package io.postern.xmtp.identity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/** The 2048 English words of BIP-39, sorted; a word is known by its first four letters. */
final class WordList {
  static final int SIZE = 2048;

  private static final List<String> WORDS = load();

  private WordList() {}

  static String word(int number) {
    return WORDS.get(number);
  }

  /** The word's number, or a negative one if it is not in the list. */
  static int number(String word) {
    return Collections.binarySearch(WORDS, word);
  }

  private static List<String> load() {
    try (var in = WordList.class.getResourceAsStream("bip39-english.txt")) {
      if (in == null) {
        throw new IllegalStateException("the word list is missing beside this class");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
