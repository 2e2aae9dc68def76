package io.postern.bridge;

import io.postern.mapping.Bundle;
import io.postern.mapping.JourneyStore;
import io.postern.xmtp.identity.InstallationId;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** How the journey of a message is named: two inboxes of ours may receive the same message. */
final class MessageJourneys {
  private static final int DIGITS = 8;

  private MessageJourneys() {}

  /**
   * @param messageId 64 hex digits
   */
  static String id(InstallationId installation, String messageId) {
    return messageId + "/" + installation.toString().substring(0, DIGITS);
  }

  /**
   * Notes that the peer is told that a mail still waits, whoever finds it out.
   *
   * @return whether it is the first time; then, and only then, they are to be told
   */
  static boolean tellOfDelay(Handle handle, JourneyStore journeys, Bundle bundle, Instant now) {
    var id = id(bundle.installation(), bundle.messageIds().get(0));
    return journeys.tellOfDelay(handle, id, bundle.recipient(), now);
  }

  /** The message whose journey it is. */
  static String message(String journeyId) {
    return journeyId.substring(0, journeyId.indexOf('/'));
  }
}
