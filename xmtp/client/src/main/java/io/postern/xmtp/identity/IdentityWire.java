package io.postern.xmtp.identity;

import io.postern.xmtp.proto.associations.AddAssociation;
import io.postern.xmtp.proto.associations.ChangeRecoveryAddress;
import io.postern.xmtp.proto.associations.CreateInbox;
import io.postern.xmtp.proto.associations.RevokeAssociation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Identity updates to and from their wire messages. Says more than nodes do about what is missing.
 */
final class IdentityWire {
  private IdentityWire() {}

  static IdentityUpdate update(io.postern.xmtp.proto.associations.IdentityUpdate wire)
      throws IdentityException {
    List<IdentityAction<IdentitySignature>> actions = new ArrayList<>();
    for (var action : wire.getActionsList()) {
      actions.add(action(action));
    }
    return new IdentityUpdate(actions, wire.getClientTimestampNs(), wire.getInboxId());
  }

  static io.postern.xmtp.proto.associations.IdentityUpdate update(IdentityUpdate update) {
    var wire =
        io.postern.xmtp.proto.associations.IdentityUpdate.newBuilder()
            .setClientTimestampNs(update.clientTimestampNs())
            .setInboxId(update.inboxId());
    update.actions().forEach(action -> wire.addActions(action(action)));
    return wire.build();
  }

  private static IdentityAction<IdentitySignature> action(
      io.postern.xmtp.proto.associations.IdentityAction wire) throws IdentityException {
    return switch (wire.getKindCase()) {
      case CREATE_INBOX -> create(wire.getCreateInbox());
      case ADD -> add(wire.getAdd());
      case REVOKE -> revoke(wire.getRevoke());
      case CHANGE_RECOVERY_ADDRESS -> changeRecovery(wire.getChangeRecoveryAddress());
      case KIND_NOT_SET -> throw IdentityError.CONVERSION.with("missing field action");
    };
  }

  private static IdentityAction<IdentitySignature> create(CreateInbox wire)
      throws IdentityException {
    var relyingParty =
        wire.hasRelyingParty() ? Optional.of(wire.getRelyingParty()) : Optional.<String>empty();
    var owner =
        Identifier.fromWire(
            wire.getInitialIdentifier(), wire.getInitialIdentifierKind(), relyingParty);
    return new IdentityAction.CreateInbox<>(
        owner, wire.getNonce(), IdentitySignature.fromWire(wire.getInitialIdentifierSignature()));
  }

  private static IdentityAction<IdentitySignature> add(AddAssociation wire)
      throws IdentityException {
    return new IdentityAction.AddAssociation<>(
        MemberIdentifier.fromWire(wire.getNewMemberIdentifier()),
        IdentitySignature.fromWire(wire.getExistingMemberSignature()),
        IdentitySignature.fromWire(wire.getNewMemberSignature()));
  }

  private static IdentityAction<IdentitySignature> revoke(RevokeAssociation wire)
      throws IdentityException {
    return new IdentityAction.RevokeAssociation<>(
        MemberIdentifier.fromWire(wire.getMemberToRevoke()),
        IdentitySignature.fromWire(wire.getRecoveryIdentifierSignature()));
  }

  private static IdentityAction<IdentitySignature> changeRecovery(ChangeRecoveryAddress wire)
      throws IdentityException {
    var relyingParty =
        wire.hasRelyingParty() ? Optional.of(wire.getRelyingParty()) : Optional.<String>empty();
    var recovery =
        Identifier.fromWire(
            wire.getNewRecoveryIdentifier(), wire.getNewRecoveryIdentifierKind(), relyingParty);
    return new IdentityAction.ChangeRecovery<>(
        recovery, IdentitySignature.fromWire(wire.getExistingRecoveryIdentifierSignature()));
  }

  private static io.postern.xmtp.proto.associations.IdentityAction action(
      IdentityAction<IdentitySignature> action) {
    var wire = io.postern.xmtp.proto.associations.IdentityAction.newBuilder();
    if (action instanceof IdentityAction.CreateInbox<IdentitySignature> create) {
      var message =
          CreateInbox.newBuilder()
              .setInitialIdentifier(create.owner().text())
              .setInitialIdentifierKind(create.owner().wireKind())
              .setNonce(create.nonce())
              .setInitialIdentifierSignature(create.signature().toWire());
      create.owner().relyingParty().ifPresent(message::setRelyingParty);
      wire.setCreateInbox(message);
    } else if (action instanceof IdentityAction.AddAssociation<IdentitySignature> add) {
      var message =
          AddAssociation.newBuilder()
              .setNewMemberIdentifier(add.member().toWire())
              .setExistingMemberSignature(add.existingSignature().toWire())
              .setNewMemberSignature(add.newSignature().toWire());
      wire.setAdd(message);
    } else if (action instanceof IdentityAction.RevokeAssociation<IdentitySignature> revoke) {
      var message =
          RevokeAssociation.newBuilder()
              .setMemberToRevoke(revoke.member().toWire())
              .setRecoveryIdentifierSignature(revoke.recoverySignature().toWire());
      wire.setRevoke(message);
    } else if (action instanceof IdentityAction.ChangeRecovery<IdentitySignature> change) {
      var message =
          ChangeRecoveryAddress.newBuilder()
              .setNewRecoveryIdentifier(change.recovery().text())
              .setNewRecoveryIdentifierKind(change.recovery().wireKind())
              .setExistingRecoveryIdentifierSignature(change.recoverySignature().toWire());
      change.recovery().relyingParty().ifPresent(message::setRelyingParty);
      wire.setChangeRecoveryAddress(message);
    }
    return wire.build();
  }
}
