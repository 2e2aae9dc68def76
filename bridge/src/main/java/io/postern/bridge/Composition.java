package io.postern.bridge;

import io.postern.mail.Draft;
import io.postern.mapping.BlockToken;
import io.postern.mapping.Invitation;
import io.postern.mapping.OpenBundle;
import io.postern.mapping.OutboxLine;
import io.postern.mapping.ThreadLink;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The mail of a bundle before it is stored.
 *
 * @param bundle what was to be closed
 * @param mailed the lines of it that the mail carries
 * @param expired lines whose message is no longer kept
 * @param silent lines that say nothing by themselves
 * @param draft the mail, without what names its way
 * @param link by which it is found again
 * @param request that it makes to the person; empty if they know the peer
 * @param token by which the person may block the peer from now on; empty if they could before
 */
record Composition(
    OpenBundle bundle,
    OpenBundle mailed,
    List<OutboxLine> expired,
    List<OutboxLine> silent,
    Draft draft,
    ThreadLink link,
    Optional<Invitation> request,
    Optional<BlockToken> token) {
  Composition {
    Objects.requireNonNull(bundle, "bundle");
    Objects.requireNonNull(mailed, "mailed");
    expired = List.copyOf(expired);
    silent = List.copyOf(silent);
    Objects.requireNonNull(draft, "draft");
    Objects.requireNonNull(link, "link");
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(token, "token");
  }
}
