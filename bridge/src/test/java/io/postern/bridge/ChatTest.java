package io.postern.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChatTest {
  @Test
  void whatAStrangerWritesDoesNothingToTheTerminal() {
    assertThat(Chat.harmless("\u001b[2Jgone\r\u0007\u009b31m two\nlines 👋"))
        .isEqualTo("\uFFFD[2Jgone\uFFFD\uFFFD\uFFFD31m two\nlines 👋");
  }

  @Test
  void theCommandToTheBridgeGoesToTheBridge() {
    assertThat(Chat.isSaid("/whole")).isTrue();
    assertThat(Chat.isSaid("Noon is fine.")).isTrue();
    assertThat(Chat.isSaid("/list")).isFalse();
    assertThat(Chat.isSaid("/hwole")).isFalse();
    assertThat(Chat.isSaid("")).isFalse();
  }
}
