package io.postern.bridge;

import io.postern.mail.Mailbox;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a person writes to hear no more of a peer, or to hear of them again: {@code block-} or
 * {@code unblock-} and 32 hex digits, drawn by lot for this person and peer. spec/content-types.md
 * §10.16.
 *
 * @param blocks whether it is the former
 * @param token whether it was ever given out or not
 */
record BlockAddress(boolean blocks, String token) {
  private static final String BLOCK = "block-";
  private static final String UNBLOCK = "unblock-";
  private static final Pattern FORM = Pattern.compile("(un)?" + BLOCK + "([0-9a-f]{32})");

  static Optional<BlockAddress> parse(Mailbox address) {
    var form = FORM.matcher(address.canonical().localPart());
    return form.matches()
        ? Optional.of(new BlockAddress(form.group(1) == null, form.group(2)))
        : Optional.empty();
  }

  Mailbox at(String domain) {
    return new Mailbox((blocks ? BLOCK : UNBLOCK) + token, domain);
  }

  /** The one that undoes it. */
  BlockAddress opposite() {
    return new BlockAddress(!blocks, token);
  }
}
