package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.MemberMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Association states to and from their wire messages. */
final class AssociationStateWire {
  private AssociationStateWire() {}

  static AssociationState state(io.postern.xmtp.proto.associations.AssociationState wire)
      throws IdentityException {
    var relyingParty =
        wire.hasRelyingParty() ? Optional.of(wire.getRelyingParty()) : Optional.<String>empty();
    var recovery =
        Identifier.fromWire(
            wire.getRecoveryIdentifier(), wire.getRecoveryIdentifierKind(), relyingParty);
    Map<MemberIdentifier, Member> members = new LinkedHashMap<>();
    for (var entry : wire.getMembersList()) {
      members.put(MemberIdentifier.fromWire(entry.getKey()), member(entry.getValue()));
    }
    Set<ByteString> seen = new LinkedHashSet<>(wire.getSeenSignaturesList());
    return new AssociationState(InboxId.parse(wire.getInboxId()), recovery, members, seen);
  }

  static io.postern.xmtp.proto.associations.AssociationState state(AssociationState state) {
    var wire =
        io.postern.xmtp.proto.associations.AssociationState.newBuilder()
            .setInboxId(state.inboxId().value())
            .setRecoveryIdentifier(state.recovery().text())
            .setRecoveryIdentifierKind(state.recovery().wireKind())
            .addAllSeenSignatures(state.seenSignatures());
    state.recovery().relyingParty().ifPresent(wire::setRelyingParty);
    state
        .memberMap()
        .forEach(
            (identifier, member) ->
                wire.addMembers(
                    MemberMap.newBuilder().setKey(identifier.toWire()).setValue(member(member))));
    return wire.build();
  }

  private static Member member(io.postern.xmtp.proto.associations.Member wire)
      throws IdentityException {
    Optional<MemberIdentifier> addedBy =
        wire.hasAddedByEntity()
            ? Optional.of(MemberIdentifier.fromWire(wire.getAddedByEntity()))
            : Optional.empty();
    return new Member(
        MemberIdentifier.fromWire(wire.getIdentifier()),
        addedBy,
        wire.hasClientTimestampNs()
            ? OptionalLong.of(wire.getClientTimestampNs())
            : OptionalLong.empty(),
        wire.hasAddedOnChainId()
            ? OptionalLong.of(wire.getAddedOnChainId())
            : OptionalLong.empty());
  }

  private static io.postern.xmtp.proto.associations.Member member(Member member) {
    var wire =
        io.postern.xmtp.proto.associations.Member.newBuilder()
            .setIdentifier(member.identifier().toWire());
    member.addedBy().ifPresent(parent -> wire.setAddedByEntity(parent.toWire()));
    member.clientTimestampNs().ifPresent(wire::setClientTimestampNs);
    member.addedOnChainId().ifPresent(wire::setAddedOnChainId);
    return wire.build();
  }
}
