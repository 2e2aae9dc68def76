package io.postern.mls.group;

import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.AuthenticatedContent;
import io.postern.mls.framing.FramedContent;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.framing.PrivateMessage;
import io.postern.mls.framing.Sender;
import io.postern.mls.framing.WireFormat;
import io.postern.mls.schedule.MessageKey;
import java.security.SecureRandom;

/**
 * What this member says in an epoch: framed and signed, then encrypted without padding or
 * authenticated data. RFC 9420 §6.1, §6.3.
 */
final class MessageOutput {
  private static final byte[] NO_DATA = {};
  private static final int NO_PADDING = 0;

  private final Epoch epoch;
  private final SignatureKeyPair signer;
  private final SecureRandom random;

  MessageOutput(Epoch epoch, SignatureKeyPair signer, SecureRandom random) {
    this.epoch = epoch;
    this.signer = signer;
    this.random = random;
  }

  AuthenticatedContent sign(FramedContent.Body body) {
    FramedContent content =
        new FramedContent(
            epoch.context().groupId(),
            epoch.context().epoch(),
            new Sender.Member(epoch.keys().own()),
            NO_DATA,
            body);
    return AuthenticatedContent.sign(
        epoch.suite(), WireFormat.PRIVATE_MESSAGE, content, epoch.context(), signer);
  }

  /**
   * The {@code MLSMessage} to send.
   *
   * @param key of our own that was never used; erased here
   */
  byte[] seal(AuthenticatedContent signed, MessageKey key) {
    PrivateMessage message =
        PrivateMessage.seal(
            epoch.suite(), signed, epoch.secrets().senderData(), key, NO_PADDING, random);
    key.erase();
    return new MlsMessage.OfPrivate(message).toOctets();
  }
}
