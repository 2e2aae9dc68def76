package io.postern.bridge;

import io.postern.mail.Mailbox;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a person writes to hear no more of a peer who has asked for them: {@code block-} and 32 hex
 * digits, drawn by lot for this one request. spec/content-types.md §10.16.
 */
final class BlockAddress {
  private static final String PREFIX = "block-";
  private static final Pattern FORM = Pattern.compile(PREFIX + "([0-9a-f]{32})");

  private BlockAddress() {}

  static Mailbox of(String token, String domain) {
    return new Mailbox(PREFIX + token, domain);
  }

  /** The token in an address of this form, whether it was ever given out or not. */
  static Optional<String> token(Mailbox address) {
    var form = FORM.matcher(address.canonical().localPart());
    return form.matches() ? Optional.of(form.group(1)) : Optional.empty();
  }
}
