package io.postern.xmtp.identity;

import java.util.List;
import java.util.Map;

/**
 * An identity update whose signatures are all valid. Comes only from {@link IdentityUpdate#verify}
 * and {@link SignatureRequest#build}; what it costs to verify need not be paid again while the
 * object is kept.
 */
public final class VerifiedIdentityUpdate {
  private final IdentityUpdate update;
  private final List<IdentityAction<VerifiedSignature>> actions;

  VerifiedIdentityUpdate(
      IdentityUpdate update, Map<IdentitySignature, VerifiedSignature> signatures) {
    this.update = update;
    this.actions =
        update.actions().stream()
            .map(action -> action.<VerifiedSignature>map(signatures::get))
            .toList();
  }

  /** The update as it is published. */
  public IdentityUpdate update() {
    return update;
  }

  /** Its actions, with who signed each. */
  public List<IdentityAction<VerifiedSignature>> actions() {
    return actions;
  }
}
