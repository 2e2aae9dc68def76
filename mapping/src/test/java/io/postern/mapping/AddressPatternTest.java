package io.postern.mapping;

import static io.postern.mapping.MappingDatabase.mailbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.postern.mail.MailException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPatternTest {
  @ParameterizedTest(name = "{0} means {1}")
  @CsvSource({
    "bob@example.org, bob@example.org",
    "bob@example.org, BOB@Example.ORG",
    "Bob@example.org, bob@example.org",
    "*@corp.example, anybody@corp.example",
    "*@corp.example, *@corp.example",
    "sales-*@corp.example, sales-eu@corp.example",
    "*-sales@corp.example, eu-sales@corp.example",
    "a*a@corp.example, aba@corp.example",
  })
  void matches(String pattern, String address) throws Exception {
    assertTrue(AddressPattern.parse(pattern).matches(mailbox(address)));
  }

  @ParameterizedTest(name = "{0} does not mean {1}")
  @CsvSource({
    "bob@example.org, bobby@example.org",
    "bob@example.org, bob@mail.example.org",
    "*@corp.example, anybody@corp.example.org",
    "*@corp.example, anybody@sub.corp.example",
    "sales-*@corp.example, sales-@corp.example",
    "sales-*@corp.example, presales-eu@corp.example",
    "aa*aa@corp.example, aaa@corp.example",
    "a.c@corp.example, abc@corp.example",
  })
  void doesNotMatch(String pattern, String address) throws Exception {
    assertFalse(AddressPattern.parse(pattern).matches(mailbox(address)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"**@corp.example", "a*b*@corp.example", "bob@*.example", "bob", "*"})
  void refusesWhatIsNoPattern(String text) {
    assertThrows(MailException.class, () -> AddressPattern.parse(text));
  }

  @Test
  void printsWhatItReads() throws Exception {
    assertEquals("sales-*@corp.example", AddressPattern.parse("Sales-*@corp.example").toString());
  }
}
