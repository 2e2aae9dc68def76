package io.postern.mail;

import java.util.Objects;

/**
 * A mailbox and the display name before it. RFC 5322 §3.4, {@code mailbox}.
 *
 * @param name decoded, one line, without quotes; empty if there is none
 */
public record NamedMailbox(String name, Mailbox mailbox) {
  private static final int MAX_NAME = 200;

  /** Cleans the name: controls and bidirectional controls go, white space becomes single spaces. */
  public NamedMailbox {
    name = SafeText.line(name, MAX_NAME);
    Objects.requireNonNull(mailbox, "mailbox");
  }

  /** A mailbox without a name. */
  public static NamedMailbox of(Mailbox mailbox) {
    return new NamedMailbox("", mailbox);
  }

  /** For people to read, not for a header field: {@code Bob <bob@mail.example>}. */
  @Override
  public String toString() {
    return name.isEmpty() ? mailbox.toString() : name + " <" + mailbox + ">";
  }
}
