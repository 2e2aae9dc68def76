package io.postern.bridge;

import io.postern.mail.Envelope;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.BlockTokens;
import io.postern.mapping.Destination;
import io.postern.smtp.RecipientCheck;

/**
 * Answers RCPT from knowledge: an address at which nobody can be reached on XMTP is refused there,
 * with the reason; if the network cannot be asked, the client is told to come again.
 */
final class Recipients implements RecipientCheck {
  private static final String POSTMASTER = "postmaster";

  private final AddressRules rules;
  private final Peers peers;
  private final BlockTokens tokens;
  private final AbuseAddress abuse;

  Recipients(AddressRules rules, Peers peers, BlockTokens tokens) {
    this.rules = rules;
    this.peers = peers;
    this.tokens = tokens;
    this.abuse = new AbuseAddress(rules);
  }

  @Override
  public Answer check(Mailbox recipient, Envelope soFar) {
    var destination = rules.resolve(recipient);
    if (destination instanceof Destination.Elsewhere) {
      return new Refused("5.7.1", "Postern relays to nobody: " + destination.why());
    }
    if (soFar.reversePath().isEmpty() && isOwnReturnPath(recipient)) {
      return new Served(); // A report about a mail of ours; step 3 finds out which.
    }
    if (DigestAddress.is(recipient)) {
      return new Refused("5.1.1", recipient + " " + DigestAddress.REFUSAL);
    }
    if (abuse.is(recipient)) {
      return new Served(); // At the end of DATA it shows whether it is a complaint.
    }
    var block = BlockAddress.parse(recipient);
    if (block.isPresent()) {
      // Whose word it is shows at the end of DATA.
      return soFar.reversePath().isPresent() && tokens.byToken(block.get().token()).isPresent()
          ? new Served()
          : new Refused("5.1.1", recipient + " reaches nobody: it was never given out");
    }
    var peer = destination.peer();
    if (peer.isEmpty()) {
      return new Refused("5.1.1", recipient + " reaches nobody: " + destination.why());
    }
    var answer = peers.find(peer.get());
    if (answer instanceof Peers.Answer.Nobody nobody) {
      return new Refused("5.1.1", recipient + " reaches nobody: " + nobody.why());
    }
    if (answer instanceof Peers.Answer.NotNow notNow) {
      return new Unknown("4.4.1", notNow.why() + "; try again later");
    }
    return new Served();
  }

  private static boolean isOwnReturnPath(Mailbox recipient) {
    var local = recipient.canonical().localPart();
    return local.equals(POSTMASTER) || ReturnPath.isOurs(local);
  }
}
