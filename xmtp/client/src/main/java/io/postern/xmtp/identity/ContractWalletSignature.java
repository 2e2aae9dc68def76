package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import io.postern.xmtp.proto.associations.Signature;
import io.postern.xmtp.proto.associations.SmartContractWalletSignature;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * A signature that a wallet's contract judges. ERC-1271, ERC-6492.
 *
 * @param account the wallet and its chain
 * @param blockNumber the block at which the contract is asked, unsigned; 0 is a block like any
 *     other
 * @param octets in a form that only the contract knows
 */
public record ContractWalletSignature(AccountId account, long blockNumber, ByteString octets)
    implements IdentitySignature {
  static ContractWalletSignature fromWire(SmartContractWalletSignature wire)
      throws IdentityException {
    return new ContractWalletSignature(
        AccountId.parse(wire.getAccountId()), wire.getBlockNumber(), wire.getSignature());
  }

  @Override
  public VerifiedSignature verify(SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException {
    ask(account, OptionalLong.of(blockNumber), octets, text, verifier);
    return new VerifiedSignature(
        new Identifier.Ethereum(signer(account)),
        SignatureKind.ERC_1271,
        octets,
        OptionalLong.of(account.chainId()));
  }

  /**
   * A new signature, valid at the newest block.
   *
   * @throws IdentityException if the contract refuses it or the verifier does not say at which
   *     block it was asked
   * @throws ContractWalletUnavailableException if the contract cannot be asked now
   */
  static ContractWalletSignature atNewestBlock(
      AccountId account, ByteString octets, SignatureText text, ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException {
    var answer = ask(account, OptionalLong.empty(), octets, text, verifier);
    long block = answer.blockNumber().orElseThrow(IdentityError.MISSING_BLOCK_NUMBER::with);
    return new ContractWalletSignature(account, block, octets);
  }

  private static ContractWalletVerifier.Answer ask(
      AccountId account,
      OptionalLong block,
      ByteString octets,
      SignatureText text,
      ContractWalletVerifier verifier)
      throws IdentityException, ContractWalletUnavailableException {
    var hash = ByteString.copyFrom(text.personalDigest());
    // The form of the account is checked first, so that no chain is asked in vain.
    account.chainId();
    signer(account);
    var answer = verifier.verify(new ContractWalletVerifier.Question(account, block, hash, octets));
    if (!answer.valid()) {
      throw IdentityError.SIGNATURE.with("Signature validation failed");
    }
    return answer;
  }

  private static String signer(AccountId account) throws IdentityException {
    var address = account.address();
    // An address without 0x passes here, as with other clients; it only equals an identifier
    // written so.
    var digits = address.startsWith("0x") ? address.substring(2) : address;
    if (digits.length() != 40 || !digits.chars().allMatch(EthereumAddress::isHexDigit)) {
      throw IdentityError.SIGNATURE.with("invalid addresses: [\"" + address + "\"]");
    }
    return address.toLowerCase(Locale.ROOT);
  }

  @Override
  public Signature toWire() {
    return Signature.newBuilder()
        .setErc6492(
            SmartContractWalletSignature.newBuilder()
                .setAccountId(account.toString())
                .setBlockNumber(blockNumber)
                .setSignature(octets))
        .build();
  }
}
