package io.postern.bridge.web;

import io.postern.mail.Body;
import io.postern.mapping.Journey;
import io.postern.mapping.Reject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The port through which the status page looks into the daemon. It is asked anew for every page,
 * from several threads, and must answer soon.
 */
public interface StatusSource {
  Health health();

  /** The inboxes that this instance runs. */
  List<Inbox> inboxes();

  /**
   * The journeys in which something happened last, the latest first.
   *
   * @param count how many at most
   */
  List<Journey> lastJourneys(int count);

  /**
   * The journeys with this name, the latest first.
   *
   * @param name whatever somebody typed: a spool id, a mail id, a message id
   */
  List<Journey> journeys(String name);

  /**
   * What was refused, the latest first.
   *
   * @param name whatever somebody typed: an address, a domain, an IP address, a mail id; empty: all
   * @param count how many at most
   */
  List<Reject> rejects(String name, int count);

  /** The same at each call. */
  Suppressions suppressions();

  /** The same at each call. */
  DeadLetters deadLetters();

  /** The same at each call. */
  Backups backups();

  /** Whether the whole mail of this journey is kept. */
  boolean hasWholeMail(String journey);

  /**
   * The whole mail of this journey, with what was found out about its sender. It stays where it is,
   * and may be gone when it is opened.
   */
  Optional<Body> wholeMail(String journey) throws IOException;
}
