package io.postern.mail;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The signs by which mail of machines is known. {@code spec/content-types.md} §10.12, RFC 3834. */
final class AutomaticMail {
  private static final Pattern SUBJECT =
      Pattern.compile(
          "(?i)\\s*(automatic reply|auto(matic)?[ -]?(reply|response)|autoreply|out of (the )?office"
              + "|automatische antwort|abwesenheitsnotiz|réponse automatique|respuesta automática"
              + "|risposta automatica|resposta automática|automatisch antwoord|autosvar"
              + "|automatiskt svar|автоответ|自动回复)\\b?.*");

  private static final Pattern LIST_ID = Pattern.compile("<([^<>\\s]+)>");

  private AutomaticMail() {}

  static boolean isAutomatic(MailHeader header) {
    return isAutoSubmitted(header)
        || isBulk(header)
        || header.has("X-Autoreply")
        || header.has("X-Autorespond")
        || header.has("X-Auto-Response-Suppress")
        || hasAutomaticSubject(header);
  }

  static boolean isAutomaticReply(MailHeader header) {
    return header.lower("Auto-Submitted").startsWith("auto-replied")
        || header.has("X-Autoreply")
        || header.has("X-Autorespond")
        || hasAutomaticSubject(header);
  }

  static boolean isFromList(MailHeader header) {
    return header.has("List-Id")
        || header.has("List-Post")
        || header.lower("Precedence").strip().equals("list");
  }

  /** RFC 2919 §2: the last thing in angle brackets. */
  static Optional<String> listId(MailHeader header) {
    return header
        .first("List-Id")
        .flatMap(
            value -> {
              var brackets = LIST_ID.matcher(value);
              var id = brackets.find() ? brackets.group(1) : value.strip();
              return id.isEmpty() || id.contains(" ")
                  ? Optional.empty()
                  : Optional.of(id.toLowerCase(Locale.ROOT));
            });
  }

  private static boolean isAutoSubmitted(MailHeader header) {
    var value = header.lower("Auto-Submitted").strip();
    return !value.isEmpty() && !value.matches("no\\b.*");
  }

  private static boolean isBulk(MailHeader header) {
    return header.lower("Precedence").strip().matches("bulk|junk|list");
  }

  private static boolean hasAutomaticSubject(MailHeader header) {
    return SUBJECT.matcher(EncodedWords.decode(header.first("Subject").orElse(""))).matches();
  }
}
