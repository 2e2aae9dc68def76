package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.Provision;
import io.postern.mail.Complaint;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.mail.Mailbox;
import io.postern.mail.auth.Verdict;
import io.postern.mapping.AddressRules;
import io.postern.mapping.BindingStore;
import io.postern.mapping.Destination;
import io.postern.mapping.MappingRule;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/**
 * Who may speak as a person: the author of a mail is the single mailbox of its From, and the policy
 * says who gets an inbox by writing. Asked at the end of DATA, so that whoever may not is told in
 * the dialogue. Used by several threads.
 *
 * <p>Who has logged in speaks as their own address, and as nobody else. A mapping permits, it never
 * authenticates: whoever has an inbox must show all the same that they wrote the mail. Only where
 * {@code provision} is open nobody is asked, because nobody but this machine can reach the
 * listeners then; what is fetched from a mailbox is asked all the same.
 */
final class Speakers implements MailJudge {
  private final AddressRules rules;
  private final Provision provision;
  private final BindingStore bindings;
  private final AuthorCheck authors;
  private final String hostname;
  private final boolean offersLogin;
  private final AbuseAddress abuse;

  Speakers(Config config, AddressRules rules, BindingStore bindings, AuthorCheck authors) {
    this.rules = rules;
    this.abuse = new AbuseAddress(rules);
    this.authors = authors;
    this.provision = config.provision();
    this.bindings = bindings;
    this.hostname = config.smtp().hostname();
    this.offersLogin = config.smtp().submission().isPresent();
  }

  @Override
  public Judgement judge(ArrivedMail arrived) throws IOException {
    Mail mail;
    try (var octets = arrived.open()) {
      mail = MailReader.skim(octets, arrived.size());
    } catch (MailException unreadable) {
      return new Refused(SmtpReply.refusing(unreadable));
    }
    if (arrived.envelope().reversePath().isEmpty()) {
      return new Taken(Verdict.none()); // A report; it makes nobody speak.
    }
    if (abuse.isAllOf(arrived.envelope())) {
      return Complaint.read(mail).isPresent()
          ? new Taken(Verdict.none()) // It makes nobody speak either.
          : refused("5.7.1", "This address takes complaints in the form of RFC 5965 only");
    }
    var author = mail.author();
    if (author.isEmpty()) {
      return refused("5.6.0", "The mail must have one From field with one mailbox");
    }
    var person = author.get().mailbox();
    var login = arrived.login();
    var fault = login.isPresent() ? loginFault(login.get(), person) : bridgeFault(person);
    if (fault.isPresent()) {
      return refused("5.7.1", fault.get());
    }
    if (!mayHaveInbox(person)) {
      return refused(
          "5.7.1",
          "No XMTP inbox is kept for "
              + person
              + "; the operator's policy is provision: "
              + provision.name().toLowerCase(Locale.ROOT));
    }
    if (login.isPresent()) {
      var verdict = Verdict.loggedIn(hostname, login.get());
      return provision == Provision.OPEN
          ? new Taken(verdict)
          : new Taken(verdict, Optional.of(new Author(person, person.domain())));
    }
    // Strangers can write to a mailbox, if not to the listeners.
    return provision == Provision.OPEN && !arrived.received().isFetched()
        ? new Taken(Verdict.unchecked())
        : authors.judge(arrived, mail, person);
  }

  /** Why one who has logged in may not write as this person. RFC 6409 §6.1. */
  private Optional<String> loginFault(Mailbox login, Mailbox person) {
    if (!login.sameAs(person)) {
      return Optional.of("You are logged in as " + login + "; write that into From, not " + person);
    }
    // Else an answer to them would reach a peer, or come back here.
    return rules.isAtBridge(person) && !(rules.resolve(person) instanceof Destination.Person)
        ? Optional.of(
            "No answer would reach "
                + person
                + ": the operator has no mapping for it with inbox: hosted")
        : Optional.empty();
  }

  private Optional<String> bridgeFault(Mailbox person) {
    return rules.isAtBridge(person)
        ? Optional.of(
            "A From at "
                + person.domain()
                + (offersLogin
                    ? " needs a login: send it by the submission service"
                    : " needs a login, and there are none here"))
        : Optional.empty();
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
