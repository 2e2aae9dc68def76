package io.postern.config;

import io.postern.mail.Mailbox;
import io.postern.mapping.AddressPattern;
import java.util.List;
import java.util.Objects;

/**
 * Which requests of strangers become mail. design.md §2.
 *
 * @param to whose mailboxes, where the policy is {@link Invite#LISTED}
 * @param perDay at most so many of one peer in 24 hours
 * @param perDayInAll at most so many of all peers together: wallets cost nothing
 */
public record InviteSettings(Invite policy, List<AddressPattern> to, int perDay, int perDayInAll) {
  /** Nobody asks anybody. */
  public static final InviteSettings CLOSED = new InviteSettings(Invite.CLOSED, List.of(), 10, 100);

  /**
   * @throws IllegalArgumentException if a limit is less than one
   */
  public InviteSettings {
    Objects.requireNonNull(policy, "policy");
    to = List.copyOf(to);
    requireSome("invitesPerDay", perDay);
    requireSome("invitesPerDayInAll", perDayInAll);
  }

  private static void requireSome(String key, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          key + " is " + count + "; write 1 or more, or invite: closed");
    }
  }

  InviteSettings withPerDay(int count) {
    return new InviteSettings(policy, to, count, perDayInAll);
  }

  InviteSettings withPerDayInAll(int count) {
    return new InviteSettings(policy, to, perDay, count);
  }

  /** Whether a stranger may ask this person at all. */
  public boolean allows(Mailbox person) {
    return policy == Invite.OPEN
        || policy == Invite.LISTED && to.stream().anyMatch(pattern -> pattern.matches(person));
  }
}
