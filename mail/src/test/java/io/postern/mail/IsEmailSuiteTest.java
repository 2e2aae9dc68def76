package io.postern.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/**
 * The isemail suite, judged by RFC 5321. Counted as mailboxes: what it calls valid, valid but for
 * its DNS entry, or RFC 5321 (quoted strings, address literals, labels of digits). All else
 * (comments, folding, obsolete forms, RFC 5322 only, errors) must be refused.
 */
class IsEmailSuiteTest {
  private static final Set<String> MAILBOXES =
      Set.of("ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN", "ISEMAIL_RFC5321");

  @Test
  void agreesWithTheSuiteWhereRfc5321Decides() throws Exception {
    var file = Suites.folder("isemail").resolve("test/tests.xml").toFile();
    var tests =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file)
            .getElementsByTagName("test");
    var wrong = new ArrayList<String>();

    for (int i = 0; i < tests.getLength(); i++) {
      var test = (Element) tests.item(i);
      var address = controls(text(test, "address"));
      boolean expected = MAILBOXES.contains(text(test, "category"));
      if (isMailbox(address) != expected) {
        wrong.add(test.getAttribute("id") + " " + address + " " + text(test, "diagnosis"));
      }
    }

    System.out.println(
        "isemail: " + (tests.getLength() - wrong.size()) + " of " + tests.getLength());
    assertThat(wrong).isEmpty();
  }

  private static boolean isMailbox(String address) {
    try {
      Mailbox.parse(address);
      return true;
    } catch (MailException refused) {
      return false;
    }
  }

  private static String text(Element test, String name) {
    return test.getElementsByTagName(name).item(0).getTextContent();
  }

  /** The file spells control characters as the symbols for them. */
  private static String controls(String text) {
    var out = new StringBuilder();
    text.chars().forEach(c -> out.append((char) (c >= 0x2400 && c <= 0x2421 ? c - 0x2400 : c)));
    return out.toString();
  }
}
