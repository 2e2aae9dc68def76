package io.postern.mail;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The files that a mail carries, in their order, and what is said of those that it does not show.
 * {@code spec/content-types.md} §10.6.
 */
final class MailFiles {
  /** What is encrypted, where it has no name of its own. */
  static final String ENCRYPTED = "encrypted.asc";

  /** More mails than this inside one are not unpacked as files of their own. */
  private static final int MAX_MAILS = 20;

  private static final String MORE_MAILS = "📎 More forwarded mails were left out";
  private static final String MAIL = "message/rfc822";
  private static final String NAMELESS = "file";

  private final List<Attachment> files = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** Digests of the calendars among them. */
  private final Set<String> calendars = new HashSet<>();

  List<Attachment> all() {
    return files;
  }

  List<String> notes() {
    return notes;
  }

  void note(String line) {
    notes.add(line);
  }

  /** A calendar often stands twice, as an alternative and as a file; it is added once. */
  void add(Attachment file) {
    if (!isCalendar(file) || calendars.add(file.digest())) {
      files.add(file);
    }
  }

  void add(MailPart part, boolean inline) {
    add(file(part, inline));
  }

  void addEncrypted(MailPart part) {
    var file = file(part, false);
    add(file.filename().equals(NAMELESS) ? file.named(ENCRYPTED) : file);
  }

  /** All that was found in a branch of the mail. */
  void addAll(MailFiles branch) {
    branch.files.forEach(this::add);
    notes.addAll(branch.notes);
  }

  void remove(String filename) {
    files.removeIf(file -> file.filename().equals(filename));
  }

  /** A mail within the mail. */
  void addMail(MailPart part) {
    addMail(part.body(), part.filename(), part.contentId());
  }

  /** One that has no name. */
  void addMail(byte[] octets) {
    addMail(Body.of(octets), "", Optional.empty());
  }

  private void addMail(Body body, String given, Optional<String> contentId) {
    if (files.stream().filter(file -> file.baseType().equals(MAIL)).count() >= MAX_MAILS) {
      if (!notes.contains(MORE_MAILS)) {
        notes.add(MORE_MAILS);
      }
      return;
    }
    var name = given;
    try {
      var inner = new Mail.Outline(MailReader.readHeader(body));
      notes.add(inner.line());
      name = name.isBlank() ? inner.subject() + ".eml" : name;
    } catch (MailException unreadable) {
      notes.add("📎 Forwarded mail");
    }
    var clean = FileName.clean(name.replace('/', '-'), "message.eml");
    files.add(
        new Attachment(clean.equals("eml") ? "message.eml" : clean, MAIL, contentId, false, body));
  }

  private static Attachment file(MailPart part, boolean inline) {
    var type = part.mediaType();
    if (FileType.saysNothing(type)) {
      type = FileType.ofName(part.filename());
    }
    var fallback = NAMELESS;
    if (part.is(MailPart.CALENDAR)) {
      fallback = "invite.ics";
      var method = part.type().parameter("method");
      type = method.isEmpty() ? type : type + "; method=" + method;
    } else {
      var kind = type.substring(0, type.indexOf('/'));
      fallback = FileType.extension(type).map(ending -> kind + "." + ending).orElse(fallback);
    }
    var name = FileName.clean(part.filename(), fallback);
    return new Attachment(name, type, part.contentId(), inline, part.body());
  }

  private static boolean isCalendar(Attachment file) {
    return file.baseType().equals(MailPart.CALENDAR) || file.baseType().equals("application/ics");
  }
}
