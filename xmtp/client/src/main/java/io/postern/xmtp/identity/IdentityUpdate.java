package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One entry of an inbox's identity log as it came off the wire: actions that happen all or not at
 * all, and signatures that nobody has checked yet. XIP-46.
 *
 * @param actions in the order in which they happen
 * @param clientTimestampNs when the author built it, in nanoseconds since 1970, unsigned; nobody
 *     checks it
 * @param inboxId the inbox, as written
 */
public record IdentityUpdate(
    List<IdentityAction<IdentitySignature>> actions, long clientTimestampNs, String inboxId) {
  public IdentityUpdate {
    actions = List.copyOf(actions);
  }

  /**
   * @throws IdentityException if the octets are no identity update
   */
  public static IdentityUpdate read(byte[] octets) throws IdentityException {
    try {
      return fromWire(io.postern.xmtp.proto.associations.IdentityUpdate.parseFrom(octets));
    } catch (InvalidProtocolBufferException malformed) {
      throw IdentityError.CONVERSION.with(malformed.getMessage());
    }
  }

  /**
   * @throws IdentityException if a part without which the update means nothing is missing. A log
   *     with such an update cannot be read at all, by any client
   */
  public static IdentityUpdate fromWire(io.postern.xmtp.proto.associations.IdentityUpdate wire)
      throws IdentityException {
    return IdentityWire.update(wire);
  }

  /** The wire message of it. */
  public io.postern.xmtp.proto.associations.IdentityUpdate toWire() {
    return IdentityWire.update(this);
  }

  /** The octets of {@link #toWire}. */
  public ByteString write() {
    return toWire().toByteString();
  }

  /** The text that all its signatures sign. */
  public SignatureText text() {
    return SignatureText.of(inboxId, clientTimestampNs, actions);
  }

  /**
   * Finds out who made each signature. Whether they may do what they sign depends on the inbox and
   * is left to {@link AssociationState}.
   *
   * @throws IdentityException if one signature is not valid: then none counts
   * @throws ContractWalletUnavailableException if a contract wallet is to be asked and cannot be
   *     now
   */
  public VerifiedIdentityUpdate verify(ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException {
    var text = text();
    Map<IdentitySignature, VerifiedSignature> verified = new HashMap<>();
    for (var action : actions) {
      for (var signature : action.signatures()) {
        if (!verified.containsKey(signature)) {
          verified.put(signature, signature.verify(text, verifier));
        }
      }
    }
    return new VerifiedIdentityUpdate(this, verified);
  }
}
