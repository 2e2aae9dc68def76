package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any octets are a mail or refused, and what is read of them is fit for a chat. */
class MailReaderFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void readsOrRefuses(byte[] octets) {
    Mail mail;
    try {
      mail = MailReader.read(octets);
    } catch (MailException refused) {
      assertThat(refused.advice()).isNotBlank();
      return;
    }
    var readable = ReadableMail.of(mail, true);
    assertThat(readable.text()).doesNotContain("\0", "\r");
    for (var file : readable.files()) {
      assertThat(file.filename()).doesNotContain("\r", "\n", "\0", "/");
    }
    Bounce.read(mail).ifPresent(report -> assertThat(report.recipients()).isNotEmpty());
  }
}
