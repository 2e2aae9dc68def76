package io.postern.mapping;

import io.postern.mail.Mailbox;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * A mail that was not taken, or a recipient of one. Everything in it but the time, the client and
 * the code was chosen by strangers: each text is one harmless line.
 *
 * @param client its IP address
 * @param reversePath empty for the null sender
 * @param recipients the first of them
 * @param recipientCount how many there were
 * @param author who stood in From, unchecked; empty if nobody could be read
 * @param mailId empty if there was none
 * @param headerHash tells whether the same mail was fetched again, where it has no Message-ID; not
 *     read back
 * @param octets 0 if it was refused before it came
 * @param code of the reply
 * @param status RFC 3463
 */
public record Reject(
    Instant at,
    String client,
    String helo,
    String reversePath,
    List<String> recipients,
    int recipientCount,
    String author,
    String mailId,
    String headerHash,
    long octets,
    int code,
    String status,
    String words) {
  /** So many recipients are kept by name; a mail may have a thousand. */
  public static final int MAX_RECIPIENTS = 20;

  private static final int MAX_TEXT = 1000;
  private static final int MAX_HELO = 255;

  public Reject {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(client, "client");
    helo = OneLine.of(helo, MAX_HELO - 1);
    reversePath = OneLine.of(reversePath, MAX_TEXT);
    recipients =
        recipients.stream().limit(MAX_RECIPIENTS).map(each -> OneLine.of(each, MAX_TEXT)).toList();
    author = OneLine.of(author, MAX_TEXT);
    mailId = OneLine.of(mailId, MAX_TEXT);
    Objects.requireNonNull(headerHash, "headerHash");
    Objects.requireNonNull(status, "status");
    words = OneLine.of(words, MAX_TEXT);
  }

  /** By what it can be found: each address, its domain, the client, the Message-ID. */
  Set<String> names() {
    var addresses = new ArrayList<>(recipients);
    addresses.add(reversePath);
    addresses.addAll(List.of(author.split(", ")));
    var names = new LinkedHashSet<String>();
    for (var address : addresses) {
      var canonical = canonical(address);
      names.add(canonical);
      names.add(canonical.substring(canonical.lastIndexOf('@') + 1));
    }
    names.add(client);
    names.add(canonical(nameOfMail()));
    names.remove("");
    return names;
  }

  /** What the mail has in common with no other, if it is known; else empty. */
  String nameOfMail() {
    return mailId.isEmpty() ? headerHash : mailId;
  }

  /** As names are compared: without case, and domains in ASCII. */
  static String canonical(String name) {
    var lower = name.strip().toLowerCase(Locale.ROOT);
    int at = lower.lastIndexOf('@');
    return lower.substring(0, at + 1) + Mailbox.asciiDomain(lower.substring(at + 1));
  }
}
