package io.postern.bridge;

import io.postern.xmtp.identity.InstallationId;

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

  /** The message whose journey it is. */
  static String message(String journeyId) {
    return journeyId.substring(0, journeyId.indexOf('/'));
  }
}
