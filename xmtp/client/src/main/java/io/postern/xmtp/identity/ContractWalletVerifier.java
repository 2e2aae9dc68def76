package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Asks a chain whether a contract wallet accepts a signature (ERC-1271, ERC-6492). The port through
 * which this package, which does no I/O, reaches the network.
 */
@FunctionalInterface
public interface ContractWalletVerifier {
  /**
   * Knows no chain: every question is left open. For logs and requests without contract wallets.
   */
  ContractWalletVerifier NONE =
      question -> {
        throw new ContractWalletUnavailableException(
            "no verifier for the contract wallet " + question.account());
      };

  /**
   * @throws ContractWalletUnavailableException if the chain could not be asked; trying again may
   *     help
   */
  Answer verify(Question question) throws ContractWalletUnavailableException;

  /**
   * @param account the wallet and its chain, as written in the signature
   * @param blockNumber the block to ask at, unsigned; empty for the newest. A stored 0 is asked as
   *     0
   * @param hash the 32 octets that were signed: the EIP-191 digest of the signature text
   * @param signature what the wallet's contract judges, in a form of its own
   */
  record Question(
      AccountId account, OptionalLong blockNumber, ByteString hash, ByteString signature) {}

  /**
   * @param valid whether the contract accepts the signature
   * @param blockNumber the block at which it was asked, if known
   * @param detail what the verifier adds for a reader, if anything
   */
  record Answer(boolean valid, OptionalLong blockNumber, Optional<String> detail) {}
}
