package io.postern.bridge.web;

import io.postern.mail.Body;
import io.postern.mail.Mail;
import io.postern.mail.MailException;
import io.postern.mail.MailReader;
import io.postern.out.Capture;
import io.postern.out.Captured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/** {@code /mails}: the captured mails, each with its text, its HTML in a frame and its files. */
final class MailPages {
  private static final int LISTED = 100;

  /** A larger mail is listed by its envelope: a list should not read everything. */
  private static final long MAX_READ_FOR_LIST = 2 << 20;

  private final Capture capture;
  private final AnswerForm answers;
  private final Guard guard;
  private final Pages pages;
  private final Templates templates;

  MailPages(Capture capture, AnswerForm answers, Guard guard, Pages pages, Templates templates) {
    this.capture = capture;
    this.answers = answers;
    this.guard = guard;
    this.pages = pages;
    this.templates = templates;
  }

  /**
   * A line of the list.
   *
   * @param subject says why where there is none to show
   */
  record Line(Captured captured, String from, String subject) {}

  Response answer(Request request) throws RefusedRequest, IOException {
    var path = request.path();
    if (path.size() == 3 && path.get(2).equals("answer")) {
      var captured = find(path.get(1));
      return answers.submit(request, captured, read(captured));
    }
    pages.requireGet(request);
    if (path.size() == 1) {
      return list();
    }
    var captured = find(path.get(1));
    if (path.size() == 2) {
      return show(request, captured);
    }
    if (path.size() == 3 && path.get(2).equals("html")) {
      return html(read(captured));
    }
    if (path.size() == 3 && path.get(2).equals("mail.eml")) {
      return Response.download(captured.id() + ".eml", "message/rfc822", Body.of(octets(captured)));
    }
    if (path.size() == 4 && path.get(2).equals("files")) {
      return file(read(captured), path.get(3));
    }
    throw RefusedRequest.notFound("A captured mail has no such part.");
  }

  private Response list() throws IOException {
    var lines = new ArrayList<Line>();
    for (var captured : capture.list(LISTED)) {
      lines.add(line(captured));
    }
    return pages.page("mails", Map.of("lines", lines));
  }

  private Line line(Captured captured) throws IOException {
    var sender = captured.envelope().reversePath().map(Object::toString).orElse("<>");
    if (captured.size() > MAX_READ_FOR_LIST) {
      return new Line(captured, sender, "(a large mail)");
    }
    var octets = capture.read(captured.id());
    if (octets.isEmpty()) {
      return new Line(captured, sender, "(removed meanwhile)");
    }
    try {
      var mail = MailReader.read(octets.get());
      var from = mail.from().stream().findFirst().map(Object::toString).orElse(sender);
      return new Line(captured, from, mail.subject().isEmpty() ? "(none)" : mail.subject());
    } catch (MailException unreadable) {
      return new Line(captured, sender, "(unreadable: " + unreadable.advice() + ")");
    }
  }

  private Response show(Request request, Captured captured) throws RefusedRequest, IOException {
    var mail = read(captured);
    return pages.page(
        "mail",
        Map.of(
            "captured",
            captured,
            "mail",
            mail,
            "html",
            mail.bodies().stream().anyMatch(body -> body.html().isPresent()),
            "form",
            answers.form(mail, captured, guard.isKnown(request.headers()))));
  }

  private Response html(Mail mail) {
    var bodies =
        mail.bodies().stream()
            .map(
                body ->
                    new Mail.Body(
                        body.plain(),
                        body.html().map(html -> InlineImages.embed(html, mail.attachments()))))
            .toList();
    return Response.mailHtml(templates.render("frame", Map.of("bodies", bodies)));
  }

  private static Response file(Mail mail, String number) throws RefusedRequest {
    var files = mail.attachments();
    // At most 500 parts, so three digits; more would be no number of a file anyway.
    int index = number.matches("[1-9][0-9]{0,2}") ? Integer.parseInt(number) - 1 : files.size();
    if (index >= files.size()) {
      throw RefusedRequest.notFound("The mail has no such file.");
    }
    var file = files.get(index);
    return Response.download(file.filename(), "application/octet-stream", file.body());
  }

  private Captured find(String id) throws RefusedRequest, IOException {
    return orNotFound(capture.find(id));
  }

  private byte[] octets(Captured captured) throws RefusedRequest, IOException {
    return orNotFound(capture.read(captured.id()));
  }

  private static <T> T orNotFound(Optional<T> found) throws RefusedRequest {
    if (found.isEmpty()) {
      throw RefusedRequest.notFound("No captured mail has this id.");
    }
    return found.get();
  }

  private Mail read(Captured captured) throws RefusedRequest, IOException {
    try {
      return MailReader.read(octets(captured));
    } catch (MailException unreadable) {
      throw new RefusedRequest(
          422,
          "This mail cannot be read: "
              + unreadable.advice()
              + ". Its octets are at /mails/"
              + captured.id()
              + "/mail.eml");
    }
  }
}
