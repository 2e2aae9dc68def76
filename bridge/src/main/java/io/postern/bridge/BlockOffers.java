package io.postern.bridge;

import io.postern.mail.Draft;
import io.postern.mapping.BlockToken;
import io.postern.mapping.BlockTokens;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.RequestMail;
import io.postern.mapping.ThreadLinks;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * How a person ends what a peer writes, which a mail says beside its peer's words, once.
 * spec/content-types.md §10.16. Used by several threads.
 */
final class BlockOffers {
  private final Jdbi jdbi;
  private final BlockTokens tokens;
  private final ThreadLinks links;
  private final String domain;

  /**
   * @param domain the bridge domain at which the person writes
   */
  BlockOffers(Jdbi jdbi, String domain) {
    this.jdbi = jdbi;
    this.tokens = new BlockTokens(jdbi);
    this.links = new ThreadLinks(jdbi);
    this.domain = domain;
  }

  /**
   * A mail with what it has to say of it, if anything.
   *
   * @param fresh by which the person may block the peer, if it is not stored yet
   */
  record Offer(Draft draft, Optional<BlockToken> fresh) {}

  /**
   * Says it in a request, and in the first mail of a peer. Nothing is stored.
   *
   * @param first line of the mail
   * @param isRequest whether the person has never written to the peer
   */
  Offer in(Draft draft, OutboxLine first, boolean isRequest) {
    if (!RequestMail.canSay(draft)) {
      return new Offer(draft, Optional.empty());
    }
    var person = first.recipient();
    var known = jdbi.withHandle(handle -> tokens.find(handle, person, first.sender()));
    var token = known.orElseGet(() -> new BlockToken(person, first.sender(), RandomToken.draw()));
    var address = new BlockAddress(true, token.token()).at(domain);
    var fresh = known.isPresent() ? Optional.<BlockToken>empty() : Optional.of(token);
    if (isRequest) {
      return new Offer(RequestMail.of(draft, address), fresh);
    }
    boolean isUntold = known.isEmpty() || !links.hasMailed(first.conversation(), person);
    return new Offer(isUntold ? RequestMail.ofAccepted(draft, address) : draft, fresh);
  }

  /** From then on the address means the peer; in the transaction that closes the mail. */
  void keep(Handle handle, BlockToken token) {
    tokens.add(handle, token);
  }
}
