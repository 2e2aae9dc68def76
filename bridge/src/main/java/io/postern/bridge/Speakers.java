package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.Provision;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressRules;
import io.postern.mapping.BindingStore;
import io.postern.mapping.MappingRule;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.util.Locale;

/**
 * Who may speak as a person: the author of a mail is the single mailbox of its From, and the policy
 * says who gets an inbox by writing. Asked at the end of DATA, so that whoever may not is told in
 * the dialogue. Used by several threads.
 *
 * <p>A mapping permits, it never authenticates: whoever has an inbox must show all the same that
 * they wrote the mail. Only where {@code provision} is open nobody is asked, because nobody but
 * this machine can reach the listeners then.
 */
final class Speakers implements MailJudge {
  private final AddressRules rules;
  private final Provision provision;
  private final BindingStore bindings;
  private final AuthorCheck authors;

  Speakers(Config config, AddressRules rules, BindingStore bindings, AuthorCheck authors) {
    this.rules = rules;
    this.authors = authors;
    this.provision = config.provision();
    this.bindings = bindings;
  }

  @Override
  public Judgement judge(ArrivedMail arrived) throws IOException {
    var octets = arrived.read().octets();
    Mail mail;
    try {
      mail = MailReader.read(octets);
    } catch (MailException unreadable) {
      return new Refused(SmtpReply.refusing(unreadable));
    }
    if (arrived.envelope().reversePath().isEmpty()) {
      return new Taken(Verdict.none()); // A report; it makes nobody speak.
    }
    var author = mail.author();
    if (author.isEmpty()) {
      return refused("5.6.0", "The mail must have one From field with one mailbox");
    }
    var person = author.get().mailbox();
    if (rules.isAtBridge(person)) {
      return refused(
          "5.7.1", "A From at " + person.domain() + " needs a login, which is not yet available");
    }
    if (!mayHaveInbox(person)) {
      return refused(
          "5.7.1",
          "No XMTP inbox is kept for "
              + person
              + "; the operator's policy is provision: "
              + provision.name().toLowerCase(Locale.ROOT));
    }
    return provision == Provision.OPEN
        ? new Taken(Verdict.unchecked())
        : authors.judge(arrived, octets, mail, person);
  }

  private boolean mayHaveInbox(Mailbox person) {
    return provision != Provision.CLOSED || isHosted(person) || bindings.find(person).isPresent();
  }

  private boolean isHosted(Mailbox person) {
    return rules
        .ruleFor(person)
        .filter(rule -> rule.target() instanceof MappingRule.Host)
        .isPresent();
  }

  private static Judgement refused(String status, String words) {
    return new Refused(SmtpReply.refusing(status, words));
  }
}
