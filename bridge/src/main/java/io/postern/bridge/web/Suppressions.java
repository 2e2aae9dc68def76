package io.postern.bridge.web;

import io.postern.mail.Mailbox;
import io.postern.mapping.Suppression;
import java.util.List;

/**
 * The mailboxes that are mailed no more, as their operator sees and changes them. May be used by
 * several threads.
 */
public interface Suppressions {
  /**
   * The newest entries first.
   *
   * @param name whatever somebody typed: a mailbox, a part of one, a peer's inbox; empty: all
   * @param count how many at most
   */
  List<Suppression> find(String name, int count);

  /** Puts a mailbox in, by the operator's word; nothing changes if it is there by that. */
  void add(Mailbox mailbox);

  /**
   * Takes a mailbox out.
   *
   * @return how many entries went; what its person has said against a peer stays
   */
  int remove(Mailbox mailbox);
}
