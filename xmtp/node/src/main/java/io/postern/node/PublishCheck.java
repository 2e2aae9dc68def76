package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.postern.mls.MlsException;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.tree.Extension;
import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.AssociationStateDiff;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.identity.Identifier;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.MemberIdentifier;
import io.postern.xmtp.identity.VerifiedIdentityUpdate;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.identity.MlsCredential;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the node verifies before it stores: identity updates by the rules of XIP-46, key packages by
 * RFC 9420 §10.1 and XMTP's credential. Clients apply the same rules, so what passed here and
 * breaks there would spoil an inbox for good. Reads no database.
 */
final class PublishCheck {
  /**
   * Octets of a key package at most; those of official clients have 2 kB, and many are fetched at
   * once.
   */
  static final int MAX_KEY_PACKAGE_BYTES = 64 << 10;

  /** Octets of an identity update at most; a whole log is fetched at once. */
  static final int MAX_IDENTITY_UPDATE_BYTES = 32 << 10;

  private final Clock clock;
  private final ContractWalletVerifier contractWallets;

  PublishCheck(Clock clock, ContractWalletVerifier contractWallets) {
    this.clock = clock;
    this.contractWallets = contractWallets;
  }

  /** The addresses that an update gives to its inbox, and those that it takes away. */
  record AddressChange(List<String> added, List<String> removed) {}

  /**
   * Verifies an update behind the log that its inbox has.
   *
   * @throws RefusedException if the update breaks a rule, with the network's text
   */
  AddressChange verify(List<IdentityUpdate> known, IdentityUpdate update) throws RefusedException {
    if (update.getSerializedSize() > MAX_IDENTITY_UPDATE_BYTES) {
      throw RefusedException.invalid(
          "identity update has %d octets, at most %d are taken"
              .formatted(update.getSerializedSize(), MAX_IDENTITY_UPDATE_BYTES));
    }
    try {
      var log = new ArrayList<VerifiedIdentityUpdate>(known.size());
      for (var each : known) {
        log.add(verified(each));
      }
      return addresses(difference(log, verified(update)));
    } catch (IdentityException e) {
      throw RefusedException.invalid(e.getMessage());
    } catch (ContractWalletUnavailableException e) {
      throw new RefusedException(Status.Code.UNAVAILABLE, e.getMessage());
    }
  }

  /**
   * Verifies a key package and returns whose it is: the key that signs for the installation.
   *
   * @throws RefusedException if it breaks a rule
   */
  ByteString installationKey(ByteString keyPackage) throws RefusedException {
    if (keyPackage.size() > MAX_KEY_PACKAGE_BYTES) {
      throw invalidKeyPackage("it has " + keyPackage.size() + " octets");
    }
    try {
      var verified = KeyPackage.read(keyPackage.toByteArray()).verify(clock.instant()).keyPackage();
      var leaf = verified.leaf();
      MlsCredential.parseFrom(leaf.credential().identity());
      // Official clients cannot read a last_resort extension that is not empty.
      for (var extension : verified.extensions().list()) {
        if (extension.type() == Extension.LAST_RESORT && extension.data().length > 0) {
          throw invalidKeyPackage("the last_resort extension is not empty");
        }
      }
      return ByteString.copyFrom(leaf.signatureKey());
    } catch (MlsException e) {
      throw invalidKeyPackage(e.getMessage());
    } catch (InvalidProtocolBufferException e) {
      throw invalidKeyPackage("the credential is no MlsCredential");
    }
  }

  private VerifiedIdentityUpdate verified(IdentityUpdate update)
      throws IdentityException, ContractWalletUnavailableException {
    return io.postern.xmtp.identity.IdentityUpdate.fromWire(update).verify(contractWallets);
  }

  private static AssociationStateDiff difference(
      List<VerifiedIdentityUpdate> log, VerifiedIdentityUpdate update) throws IdentityException {
    if (log.isEmpty()) {
      return AssociationState.fold(List.of(update)).sinceNothing();
    }
    var before = AssociationState.fold(log);
    return before.apply(update).since(before);
  }

  private static AddressChange addresses(AssociationStateDiff difference) {
    return new AddressChange(addresses(difference.added()), addresses(difference.removed()));
  }

  /** Only Ethereum addresses are looked up, passkeys never, as on the network. */
  private static List<String> addresses(Set<MemberIdentifier> members) {
    return members.stream()
        .filter(Identifier.Ethereum.class::isInstance)
        .map(member -> ((Identifier.Ethereum) member).address())
        .toList();
  }

  private static RefusedException invalidKeyPackage(String reason) {
    return RefusedException.invalid(
        "invalid identity: validation failed with error XMTP Key Package failed to verify: "
            + reason);
  }
}
