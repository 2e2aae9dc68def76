package io.postern.mail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Our table of what is right about the mails of a suite that brings no such table itself.
 *
 * <p>A line without indentation names a mail; each indented line below it is a word and what it
 * expects, {@code \n} for a line end. {@code says} is the whole text, {@code text} a part of it,
 * {@code without} no part of it; {@code file} a name, perhaps with {@code |} and its octets; {@code
 * inside} the same in a mail within the mail. A {@code !} before it: known to be otherwise here.
 */
record SuiteExpectations(Map<String, List<Expectation>> mails) {
  record Expectation(String word, String value, boolean otherwise) {
    boolean isMet(Mail mail) throws MailException {
      var readable = ReadableMail.of(mail);
      return switch (word) {
        case "from" -> addresses(mail.from()).equals(value);
        case "name" -> !mail.from().isEmpty() && mail.from().get(0).name().equals(value);
        case "sender" -> addresses(mail.sender().stream().toList()).equals(value);
        case "reply-to" -> addresses(mail.replyTo()).equals(value);
        case "to" -> addresses(mail.to()).equals(value);
        case "cc" -> addresses(mail.cc()).equals(value);
        case "id" -> ids(mail.id().stream().toList()).equals(value);
        case "answers" -> ids(mail.inReplyTo()).equals(value);
        case "references" -> ids(mail.references()).equals(value);
        case "date" -> mail.date().map(String::valueOf).orElse("").equals(value);
        case "subject" -> mail.subject().equals(value);
        case "list" -> mail.listId().orElse("").equals(value.toLowerCase(Locale.ROOT));
        case "says" -> readable.text().equals(value);
        case "text" -> readable.text().contains(value);
        case "without" -> !readable.text().contains(value);
        case "files" -> readable.files().size() == Integer.parseInt(value);
        case "file" -> holds(readable.files());
        case "type" -> readable.files().stream().anyMatch(file -> file.baseType().equals(value));
        case "inside" -> holds(inner(readable));
        case "encrypted" -> mail.encryption().equals(value);
        case "report" -> report(mail).contains(value);
        case "about" ->
            ids(Bounce.read(mail).stream().flatMap(report -> report.original().stream()).toList())
                .equals(value);
        case "receipt" ->
            mail.receipt()
                .map(found -> ids(found.original().stream().toList()) + " " + found.disposition())
                .orElse("")
                .equals(value);
        default -> throw new IllegalArgumentException("no such word: " + word);
      };
    }

    private boolean holds(List<Attachment> files) {
      return files.stream()
          .anyMatch(
              file ->
                  value.equals(file.filename())
                      || value.equals(file.filename() + " | " + file.size()));
    }

    private static List<Attachment> inner(ReadableMail readable) throws MailException {
      var found = new ArrayList<Attachment>();
      for (var file : readable.files()) {
        if (file.baseType().equals("message/rfc822")) {
          found.addAll(MailReader.read(file.octets()).attachments());
        }
      }
      return found;
    }

    private static List<String> report(Mail mail) {
      return Bounce.read(mail).stream()
          .flatMap(report -> report.recipients().stream())
          .map(
              to ->
                  to.recipient()
                      + " "
                      + to.action().name().toLowerCase(Locale.ROOT)
                      + " "
                      + to.status())
          .toList();
    }

    private static String addresses(List<NamedMailbox> people) {
      return String.join(", ", people.stream().map(person -> person.mailbox().toString()).toList());
    }

    private static String ids(List<MailId> ids) {
      return String.join(", ", ids.stream().map(MailId::toString).toList());
    }

    @Override
    public String toString() {
      return word + " " + value;
    }
  }

  static SuiteExpectations of(String suite) throws IOException {
    var mails = new LinkedHashMap<String, List<Expectation>>();
    List<Expectation> current = new ArrayList<>();
    try (var table = SuiteExpectations.class.getResourceAsStream("/suites/" + suite + ".txt")) {
      for (var line : new String(table.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (line.isBlank() || line.strip().startsWith("#")) {
          continue;
        }
        if (!line.startsWith(" ")) {
          current = new ArrayList<>();
          if (mails.put(line, current) != null) {
            throw new IllegalArgumentException(line + " stands twice");
          }
          continue;
        }
        boolean otherwise = line.strip().startsWith("!");
        var words = line.strip().replaceFirst("^! ", "").split(" ", 2);
        var value = words.length == 1 ? "" : words[1].replace("\\n", "\n");
        current.add(new Expectation(words[0], value, otherwise));
      }
    }
    return new SuiteExpectations(mails);
  }

  int size() {
    return mails.values().stream().mapToInt(List::size).sum();
  }
}
