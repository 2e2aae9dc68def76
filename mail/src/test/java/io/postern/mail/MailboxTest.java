package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {
  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@mail.example",
        "0x1a642f0e3c3af545e7acbd38b07251b3990914f1@bridge.example",
        "a+b_c!#$%&'*/=?^`{|}~-@x",
        "bob@[192.0.2.1]",
        "bob@[ipv6:2001:db8::1]",
        "bob@[ipv6:1:2:3:4:5:6:192.0.2.1]",
        "jörg@bücher.example",
        "用户@例子.example",
        "\"john smith\"@mail.example",
        "\"a\\\"b\\\\c\"@mail.example",
        "\"\"@mail.example",
        "\"a@b\"@mail.example",
        "\"a..b\"@mail.example"
      })
  void printsWhatItParsed(String address) throws Exception {
    assertThat(Mailbox.parse(address)).hasToString(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "bob",
        "bob@",
        "@mail.example",
        ".bob@mail.example",
        "bob.@mail.example",
        "b..b@mail.example",
        "b b@mail.example",
        "<bob@mail.example>",
        "bob@mail.example>",
        "bob@mail example",
        "bob@mail..example",
        "bob@.mail.example",
        "bob@mail.example.",
        "bob@-mail.example",
        "bob@mail-.example",
        "bob@mail_1.example",
        "bob@mail.example@other.example",
        "\"bob@mail.example",
        "\"bob\"x@mail.example",
        "\"bob\\\"@mail.example",
        "bob@[192.0.2.256]",
        "bob@[192.0.2.1",
        "bob@[192.0.2]",
        "bob@[192.0.2.1.]",
        "bob@[2001:db8::1]",
        "bob@[ipv6:2001:db8:::1]",
        "bob@[ipv6:1:2:3:4:5:6:7]",
        "bob@[ipv6:1::2::3]",
        "bob@[x400:abc]",
        "@relay.example:bob@mail.example",
        "bob (comment)@mail.example",
        "not an address; drop table"
      })
  void refusesWhatIsNoMailbox(String address) {
    assertThatThrownBy(() -> Mailbox.parse(address))
        .isInstanceOfSatisfying(
            MailException.class, refused -> assertThat(refused.status()).isEqualTo("5.1.3"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9, 10, 13, 27, 0x7f, 0x85, 0x202e, 0x2066, 0x2028, 0xfeff, 0xd800})
  void refusesControlsAndBidirectionalOverridesEverywhere(int c) {
    var character = Character.toString(c);

    for (var address :
        new String[] {
          "b" + character + "b@mail.example",
          "\"b" + character + "b\"@mail.example",
          "\"b\\" + character + "b\"@mail.example",
          "bob@ma" + character + "il.example",
          "bob@[192.0.2.1" + character + "]"
        }) {
      assertThatThrownBy(() -> Mailbox.parse(address)).isInstanceOf(MailException.class);
    }
  }

  @Test
  void saysWhatIsWrongInOneHarmlessLine() {
    assertThatThrownBy(() -> Mailbox.parse("bob\r\nDATA@mail.example"))
        .isInstanceOfSatisfying(
            MailException.class,
            refused ->
                assertThat(refused.advice())
                    .startsWith("\"bob DATA@mail.example\" is not an address")
                    .doesNotContain("\r", "\n"));
  }

  @Test
  void lowerCasesTheDomainButNotTheLocalPart() throws Exception {
    var mailbox = Mailbox.parse("Bob@MAIL.Example");

    assertThat(mailbox).isEqualTo(new Mailbox("Bob", "mail.example"));
    assertThat(mailbox.canonical()).isEqualTo(new Mailbox("bob", "mail.example"));
    assertThat(mailbox.sameAs(Mailbox.parse("bOB@mail.example"))).isTrue();
  }

  @Test
  void countsOctetsNotCharacters() throws Exception {
    assertThat(Mailbox.parse("a".repeat(64) + "@x.example").localPart()).hasSize(64);
    assertThatThrownBy(() -> Mailbox.parse("a".repeat(65) + "@x.example"))
        .isInstanceOf(MailException.class);
    assertThatThrownBy(() -> Mailbox.parse("\"" + "a ".repeat(32) + "\"@x.example"))
        .isInstanceOf(MailException.class);
    assertThatThrownBy(() -> Mailbox.parse("ü".repeat(33) + "@x.example"))
        .isInstanceOf(MailException.class);
    assertThatThrownBy(() -> Mailbox.parse("a@" + "b".repeat(64) + ".example"))
        .isInstanceOf(MailException.class);
    var domain = ("b".repeat(61) + ".").repeat(4);
    assertThat(Mailbox.parse("aaaa@" + domain + "c")).isNotNull();
    assertThatThrownBy(() -> Mailbox.parse("aaaa@" + domain + "cc"))
        .isInstanceOf(MailException.class);
  }

  @Test
  void takesAwayQuotesThatAreNotNeeded() throws Exception {
    assertThat(Mailbox.parse("\"b\\ob\"@mail.example")).hasToString("bob@mail.example");
  }

  @Test
  void knowsWhichAddressesNeedSmtpUtf8() throws Exception {
    assertThat(Mailbox.parse("bob@mail.example").needsSmtpUtf8()).isFalse();
    assertThat(Mailbox.parse("jörg@mail.example").needsSmtpUtf8()).isTrue();
    assertThat(Mailbox.parse("bob@bücher.example").needsSmtpUtf8()).isTrue();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsBackWhatItPrints(long seed) throws Exception {
    var random = new SplittableRandom(seed);
    var local = new StringBuilder();
    for (int i = random.nextInt(0, 20); i > 0; i--) {
      local.appendCodePoint(
          random.nextBoolean() ? random.nextInt(' ', 0x7f) : random.nextInt(0xc0, 0x250));
    }
    var mailbox = new Mailbox(local.toString(), "mail.example");

    assertThat(Mailbox.parse(mailbox.toString())).isEqualTo(mailbox);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void meetsRandomTextWithNoOtherExceptionThanItsOwn(long seed) {
    var random = new SplittableRandom(seed);
    var text = new StringBuilder();
    for (int i = random.nextInt(1, 30); i > 0; i--) {
      text.append("\"\\@.[]:<> ab1\r\nü\u202e".charAt(random.nextInt(17)));
    }

    try {
      var mailbox = Mailbox.parse(text.toString());
      assertThat(Mailbox.parse(mailbox.toString())).isEqualTo(mailbox);
    } catch (MailException refused) {
      assertThat(refused.status()).isEqualTo("5.1.3");
    }
  }

  @Test
  void theUnicodeAndTheAsciiFormOfADomainAreOneMailbox() throws Exception {
    var unicode = Mailbox.parse("Bob@B\u00dcCHER.example");
    var ascii = Mailbox.parse("bob@xn--bcher-kva.example");

    assertThat(unicode.canonical()).isEqualTo(ascii);
    assertThat(unicode.sameAs(ascii)).isTrue();
    assertThat(unicode.withDomainInAscii().needsSmtpUtf8()).isFalse();
  }

  /** IDNA 2003 would make strasse.example of it, which is somebody else's. */
  @Test
  void aDomainWhoseTwoStandardsDifferIsNotMadeAnother() throws Exception {
    for (var domain : List.of("stra\u00dfe.example", "\u03b2\u03cc\u03bb\u03bf\u03c2.example")) {
      assertThat(Mailbox.parse("bob@" + domain).canonical().domain()).isEqualTo(domain);
    }
  }

  @Test
  void aDomainThatHasNoAsciiFormStaysAsItIs() {
    for (var domain :
        List.of("\u00fc".repeat(31) + "a".repeat(1) + ".\u2603\u0338", "[192.0.2.1]")) {
      assertThat(Mailbox.asciiDomain(domain)).isNotBlank();
    }
    var long63 = "\u00fc" + "a".repeat(60);
    assertThat(Mailbox.asciiDomain(long63 + ".example")).isEqualTo(long63 + ".example");
  }
}
