package io.postern.bridge.web;

import io.postern.mail.Draft;
import io.postern.mail.Envelope;
import io.postern.mail.Mail;
import io.postern.mail.MailId;
import io.postern.mail.MailWriter;
import io.postern.mail.NamedMailbox;
import io.postern.mail.ReferenceChain;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An answer to a captured mail, as the mail program of its recipient writes one. RFC 5322 §3.6.4
 * and §3.6.5.
 *
 * @param from whoever the captured mail went to
 * @param to where it asks answers to go
 * @param parent the id of the captured mail, if it has one
 * @param references of the captured mail
 */
record Answer(
    NamedMailbox from,
    List<NamedMailbox> to,
    String subject,
    Optional<MailId> parent,
    List<MailId> references) {
  private static final Pattern FORM_ID = Pattern.compile("[0-9a-f]{32}");

  /**
   * Who answers whom.
   *
   * @param envelope with which the mail was captured
   * @return empty if the mail names nobody to answer
   */
  static Optional<Answer> to(Mail mail, Envelope envelope) {
    var to = mail.replyTo().isEmpty() ? mail.from() : mail.replyTo();
    if (to.isEmpty()) {
      return Optional.empty();
    }
    var recipient = envelope.forwardPaths().get(0);
    var from =
        mail.to().stream()
            .filter(named -> named.mailbox().equals(recipient))
            .findFirst()
            .orElse(NamedMailbox.of(recipient));
    var subject = ("Re: " + mail.baseSubject().text()).strip();
    return Optional.of(new Answer(from, to, subject, mail.id(), mail.references()));
  }

  Envelope envelope() {
    return Envelope.of(from.mailbox(), to.stream().map(NamedMailbox::mailbox).toList());
  }

  /**
   * The mail's octets.
   *
   * @param formId of the form into which the text was written. The mail's id is made from it, so
   *     that a form that is sent twice is one mail
   * @throws RefusedRequest 400 if the id is not of our forms or there is no text
   */
  byte[] write(String formId, String text, Instant date) throws RefusedRequest {
    if (!FORM_ID.matcher(formId).matches()) {
      throw new RefusedRequest(400, "This form is not one of ours.");
    }
    if (text.isBlank()) {
      throw new RefusedRequest(400, "The answer has no text.");
    }
    var id = new MailId("<" + formId + "@" + from.mailbox().domain() + ">");
    var draft = Draft.of(from, to.get(0), date, id, subject, new Draft.Text(text)).withTo(to);
    if (parent.isPresent()) {
      var root = references.isEmpty() ? parent.get() : references.get(0);
      var chain = ReferenceChain.answering(root, references, parent.get());
      draft = draft.answering(parent.get(), chain);
    }
    return MailWriter.write(draft);
  }
}
