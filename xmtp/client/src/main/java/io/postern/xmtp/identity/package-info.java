/**
 * Who is who on XMTP (XIP-46): inboxes, the wallets, passkeys and installations that belong to
 * them, the log of signed updates that says so, and the keys that sign.
 *
 * <p>An update takes two steps from octets to effect, each a type of its own:
 *
 * <pre>
 *   octets ──read──▶ IdentityUpdate ──verify──▶ VerifiedIdentityUpdate ──fold──▶ AssociationState
 *                        ▲                             ▲
 *                        │ the wire, word for word     │ SignatureRequest.build: our own updates
 * </pre>
 *
 * <p>The rules are consensus. What is read is judged exactly as the other clients judge it, even
 * where a rule looks wrong; what is written is in the one form that all of them expect.
 *
 * <p>Nothing here does I/O, reads a clock or writes a log. Time comes in as an {@code Instant},
 * randomness as a {@code SecureRandom}, chains through {@link
 * io.postern.xmtp.identity.ContractWalletVerifier}.
 */
package io.postern.xmtp.identity;
