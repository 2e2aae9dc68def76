package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An identity update that waits for signatures. Immutable: each signature makes another request,
 * which waits for fewer. One signature fills all places of its signer.
 */
public final class SignatureRequest {
  private final InboxId inboxId;
  private final long clientTimestampNs;
  private final List<IdentityAction<MemberIdentifier>> actions;
  private final SignatureText text;
  private final Map<MemberIdentifier, Signed> signed;

  private record Signed(IdentitySignature signature, VerifiedSignature verified) {}

  SignatureRequest(
      InboxId inboxId, long clientTimestampNs, List<IdentityAction<MemberIdentifier>> actions) {
    this(
        inboxId,
        clientTimestampNs,
        List.copyOf(actions),
        SignatureText.of(inboxId.value(), clientTimestampNs, actions),
        Map.of());
  }

  private SignatureRequest(
      InboxId inboxId,
      long clientTimestampNs,
      List<IdentityAction<MemberIdentifier>> actions,
      SignatureText text,
      Map<MemberIdentifier, Signed> signed) {
    this.inboxId = inboxId;
    this.clientTimestampNs = clientTimestampNs;
    this.actions = actions;
    this.text = text;
    this.signed = signed;
  }

  /** The inbox. */
  public InboxId inboxId() {
    return inboxId;
  }

  /** What everybody signs. */
  public SignatureText text() {
    return text;
  }

  /** What it will do, and who signs where. */
  public List<IdentityAction<MemberIdentifier>> actions() {
    return actions;
  }

  /** Who has yet to sign. */
  public Set<MemberIdentifier> missing() {
    var missing = new LinkedHashSet<MemberIdentifier>();
    actions.forEach(action -> missing.addAll(action.signatures()));
    missing.removeAll(signed.keySet());
    return Collections.unmodifiableSet(missing);
  }

  /**
   * The request with one more signature.
   *
   * @throws IdentityException if the signature is not valid, or with {@link
   *     IdentityError#UNKNOWN_SIGNER} if nobody waits for it
   * @throws ContractWalletUnavailableException if a contract wallet is to be asked and cannot be
   *     now
   */
  public SignatureRequest with(IdentitySignature signature, ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException {
    return with(signature, signature.verify(text, verifier));
  }

  /**
   * The request with the signature of a contract wallet that does not know a block number: the
   * newest block is asked, and noted.
   *
   * @throws IdentityException as {@link #with}, and if the verifier does not say which block that
   *     was
   * @throws ContractWalletUnavailableException if the contract cannot be asked now
   */
  public SignatureRequest withContractWallet(
      AccountId account, ByteString signature, ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException {
    return with(
        ContractWalletSignature.atNewestBlock(account, signature, text, verifier), verifier);
  }

  /**
   * The request signed by a wallet's key pair.
   *
   * @throws IdentityException with {@link IdentityError#UNKNOWN_SIGNER} if nobody waits for it
   */
  public SignatureRequest signedBy(WalletKey key) throws IdentityException {
    var signature = key.sign(text);
    return with(signature, signature.verify(text, ContractWalletVerifier.NONE));
  }

  /**
   * The request signed by an installation.
   *
   * @throws IdentityException with {@link IdentityError#UNKNOWN_SIGNER} if nobody waits for it
   */
  public SignatureRequest signedBy(InstallationKey key) throws IdentityException {
    var signature = key.sign(text);
    return with(signature, signature.verify(text, ContractWalletVerifier.NONE));
  }

  private SignatureRequest with(IdentitySignature signature, VerifiedSignature verified)
      throws IdentityException {
    if (!missing().contains(verified.signer())) {
      throw IdentityError.UNKNOWN_SIGNER.with();
    }
    var more = new LinkedHashMap<>(signed);
    more.put(verified.signer(), new Signed(signature, verified));
    return new SignatureRequest(
        inboxId, clientTimestampNs, actions, text, Collections.unmodifiableMap(more));
  }

  /**
   * The update, once everybody has signed. Apply it to the inbox's state before publishing:
   * signatures alone do not make it valid.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_SIGNATURE} if somebody has not
   *     signed
   */
  public VerifiedIdentityUpdate build() throws IdentityException {
    if (!missing().isEmpty()) {
      throw IdentityError.MISSING_SIGNATURE.with();
    }
    List<IdentityAction<IdentitySignature>> complete =
        actions.stream()
            .map(action -> action.<IdentitySignature>map(who -> signed.get(who).signature()))
            .toList();
    Map<IdentitySignature, VerifiedSignature> verified = new HashMap<>();
    signed.values().forEach(one -> verified.put(one.signature(), one.verified()));
    var update = new IdentityUpdate(complete, clientTimestampNs, inboxId.value());
    return new VerifiedIdentityUpdate(update, verified);
  }
}
