package io.postern.mail;

import java.nio.charset.StandardCharsets;

/** Links by which a mail program begins an answer to a mail. RFC 6068. */
final class MailtoLink {
  private static final int MAX_SUBJECT = 100;
  private static final String UNRESERVED = "-._~";

  private MailtoLink() {}

  /** To where answers go, under the subject of the thread, and naming the mail. */
  static String answering(Draft mail) {
    var to = mail.replyTo().orElse(mail.from()).mailbox();
    var subject = "Re: " + BaseSubject.of(SafeText.line(mail.subject(), MAX_SUBJECT)).text();
    return "mailto:"
        + encoded(to.toString()).replace("%40", "@")
        + "?subject="
        + encoded(subject.strip())
        + "&In-Reply-To="
        + encoded(mail.id().asWritten());
  }

  /** RFC 3986 §2.1; all but the unreserved characters, which are safe in every text. */
  private static String encoded(String text) {
    var out = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (octet & 0xff);
      boolean plain =
          c < 0x80
              && (c >= '0' && c <= '9'
                  || c >= 'A' && c <= 'Z'
                  || c >= 'a' && c <= 'z'
                  || UNRESERVED.indexOf(c) >= 0);
      if (plain) {
        out.append(c);
      } else {
        out.append(String.format("%%%02X", (int) c));
      }
    }
    return out.toString();
  }
}
