package io.postern.bridge.web;

import io.postern.mail.Delivery;
import io.postern.mail.Mail;
import io.postern.out.Captured;
import io.postern.out.Deliver;
import io.postern.out.MailSender;
import io.postern.out.SmarthostSender;
import io.postern.out.TlsMode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The form below a captured mail, and what happens when it is sent: the answer enters through the
 * SMTP listener like any mail, and whoever sent it sees what SMTP said.
 */
final class AnswerForm {
  private final CapturedMails mails;
  private final MailSender smtp;
  private final Guard guard;
  private final AccessToken token;
  private final Pages pages;

  AnswerForm(CapturedMails mails, Guard guard, AccessToken token, Pages pages) {
    this.mails = mails;
    this.smtp = sender(mails);
    this.guard = guard;
    this.token = token;
    this.pages = pages;
  }

  private static MailSender sender(CapturedMails mails) {
    var host = mails.smtp().getAddress().getHostAddress();
    var settings =
        new Deliver.Smarthost(host, mails.smtp().getPort(), Optional.empty(), TlsMode.NONE);
    return new SmarthostSender(settings, "localhost");
  }

  /** What a page shows below a mail. */
  sealed interface Form {
    /** The mail names nobody to answer. */
    record Nobody() implements Form {}

    /** Somebody could be answered, but this browser has not shown the token. */
    record Locked() implements Form {}

    /**
     * @param formId new for each form
     */
    record Open(Answer answer, String token, String formId) implements Form {}
  }

  Form form(Mail mail, Captured captured, boolean known) {
    var answer = Answer.to(mail, captured.envelope());
    if (answer.isEmpty()) {
      return new Form.Nobody();
    }
    if (!known) {
      return new Form.Locked();
    }
    var formId = UUID.randomUUID().toString().replace("-", "");
    return new Form.Open(answer.get(), token.reveal(), formId);
  }

  /**
   * Sends the answer once and shows what became of it.
   *
   * @throws RefusedRequest 403 without the token, 409 if there is nobody to answer
   */
  Response submit(Request request, Captured captured, Mail mail)
      throws RefusedRequest, IOException {
    if (request.isGet()) {
      // Somebody went back to the address at which an answer was sent.
      return Response.seeOther("/mails/" + captured.id());
    }
    if (!request.isPost()) {
      throw RefusedRequest.notAllowed("GET, HEAD, POST", "An answer is sent by its form.");
    }
    var form = request.form();
    guard.requireToken(form.value("token"));
    var answer =
        Answer.to(mail, captured.envelope())
            .orElseThrow(() -> new RefusedRequest(409, "This mail names nobody to answer."));
    var octets = answer.write(form.value("form"), form.value("text"), mails.clock().instant());
    var delivery = smtp.send(answer.envelope(), octets);
    boolean taken = delivery instanceof Delivery.Delivered;
    return pages.page(
        taken ? 200 : 502,
        "answered",
        Map.of(
            "captured", captured,
            "answer", answer,
            "taken", taken,
            "words", words(delivery)));
  }

  private static String words(Delivery delivery) {
    if (delivery instanceof Delivery.Refused refused) {
      return refused.status() + " " + refused.advice();
    }
    if (delivery instanceof Delivery.Deferred deferred) {
      return deferred.status() + " " + deferred.reason();
    }
    return ((Delivery.Delivered) delivery).reference();
  }
}
