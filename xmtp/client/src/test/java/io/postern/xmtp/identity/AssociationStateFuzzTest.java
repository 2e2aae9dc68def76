package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.postern.xmtp.proto.associations.IdentityUpdate.Builder;
import io.postern.xmtp.proto.identity.api.GetIdentityUpdatesResponse.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Any log of updates has a state or is refused, whoever signed them. The octets are an inbox's log
 * as the network tells it; what no fuzzer finds is given to it: a signature says by itself who made
 * it, and updates are about the inbox that the first of them creates.
 */
class AssociationStateFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void hasAStateOrIsRefused(byte[] octets) {
    try {
      var log = log(Response.parseFrom(octets));

      var state = AssociationState.fold(log);

      assertThat(AssociationState.fromWire(state.toWire())).isEqualTo(state);
      assertThat(state.since(state)).isEqualTo(state.since(AssociationState.fold(log)));
      assertThat(state.sinceNothing().removed()).isEmpty();
      assertThat(state.members()).allMatch(member -> state.isMember(member.identifier()));
      goesOnFromAnyPlace(log, state);
    } catch (IdentityException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    } catch (InvalidProtocolBufferException noLog) {
      assertThat(noLog.getMessage()).isNotBlank();
    }
  }

  private static void goesOnFromAnyPlace(List<VerifiedIdentityUpdate> log, AssociationState state)
      throws IdentityException {
    for (var i = 1; i < log.size(); i++) {
      var part = AssociationState.fold(log.subList(0, i));
      assertThat(part.apply(log.subList(i, log.size()))).isEqualTo(state);
    }
  }

  private static List<VerifiedIdentityUpdate> log(Response response) throws IdentityException {
    var inbox = "";
    var log = new ArrayList<VerifiedIdentityUpdate>();
    for (var entry : response.getUpdatesList()) {
      var wire = entry.getUpdate().toBuilder();
      if (inbox.isEmpty()) {
        inbox = created(wire);
      }
      log.add(verified(IdentityUpdate.fromWire(wire.setInboxId(inbox).build())));
    }
    return log;
  }

  private static String created(Builder wire) throws IdentityException {
    for (var action : IdentityUpdate.fromWire(wire.build()).actions()) {
      if (action instanceof IdentityAction.CreateInbox<IdentitySignature> create) {
        return InboxId.derive(create.owner(), create.nonce()).toString();
      }
    }
    return wire.getInboxId();
  }

  private static VerifiedIdentityUpdate verified(IdentityUpdate update) throws IdentityException {
    Map<IdentitySignature, VerifiedSignature> signatures = new HashMap<>();
    for (var action : update.actions()) {
      for (var signature : action.signatures()) {
        signatures.put(signature, verified(signature));
      }
    }
    return new VerifiedIdentityUpdate(update, signatures);
  }

  private static VerifiedSignature verified(IdentitySignature signature) throws IdentityException {
    var wire = signature.toWire();
    var kind =
        switch (wire.getSignatureCase()) {
          case ERC_6492 -> SignatureKind.ERC_1271;
          case INSTALLATION_KEY -> SignatureKind.INSTALLATION_KEY;
          case DELEGATED_ERC_191 -> SignatureKind.LEGACY_DELEGATED;
          case PASSKEY -> SignatureKind.P256;
          default -> SignatureKind.ERC_191;
        };
    return new VerifiedSignature(signer(wire), kind, wire.toByteString());
  }

  private static MemberIdentifier signer(io.postern.xmtp.proto.associations.Signature wire)
      throws IdentityException {
    var says =
        switch (wire.getSignatureCase()) {
          case INSTALLATION_KEY -> wire.getInstallationKey().getBytes();
          case ERC_6492 -> wire.getErc6492().getSignature();
          case PASSKEY -> wire.getPasskey().getSignature();
          case DELEGATED_ERC_191 -> wire.getDelegatedErc191().getSignature().getBytes();
          default -> wire.getErc191().getBytes();
        };
    try {
      return MemberIdentifier.fromWire(
          io.postern.xmtp.proto.associations.MemberIdentifier.parseFrom(says));
    } catch (InvalidProtocolBufferException noMember) {
      return new Identifier.Ethereum(says.toStringUtf8());
    }
  }
}
