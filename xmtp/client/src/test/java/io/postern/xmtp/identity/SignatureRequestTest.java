package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SignatureRequestTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:20:30.987654321Z");
  private static final Instant LATER = NOW.plusSeconds(1);
  private static final long NONCE = 1;

  private final WalletKey wallet = wallet(1);
  private final WalletKey other = wallet(2);
  private final InstallationKey phone = Vectors.installation(0x41);
  private final InstallationKey laptop = Vectors.installation(0x42);
  private final InboxId inbox = inbox(wallet);

  @Test
  void registersAnInboxWithItsFirstInstallation() throws Exception {
    var request = registration();

    var update = request.signedBy(phone).signedBy(wallet).build();

    assertThat(request.missing()).containsExactly(wallet.identifier(), phone.id().identifier());
    assertThat(request.text().value())
        .isEqualTo(
            """
            XMTP : Authenticate to inbox

            Inbox ID: %s
            Current time: 2026-11-25T10:20:30Z

            - Create inbox
              (Owner: %s)
            - Grant messaging access to app
              (ID: %s)

            For more info: https://xmtp.org/signatures"""
                .formatted(inbox, wallet.address(), phone.id()));
    var state = AssociationState.fold(List.of(update));
    assertThat(state.inboxId()).isEqualTo(inbox);
    assertThat(state.identifiers()).containsExactly(wallet.identifier());
    assertThat(state.installations()).containsExactly(phone.id());
    assertThat(state.member(phone.id().identifier()).orElseThrow().clientTimestampNs())
        .hasValue(1_795_602_030_987_654_321L);
  }

  @Test
  void isTheSameForWhoeverReadsIt() throws Exception {
    var built = registration().signedBy(wallet).signedBy(phone).build();

    var read = IdentityUpdate.read(built.update().write().toByteArray());

    assertThat(read).isEqualTo(built.update());
    assertThat(read.verify(ContractWalletVerifier.NONE).actions()).isEqualTo(built.actions());
  }

  @Test
  void linksRecoversAndRevokes() throws Exception {
    var created = AssociationState.fold(List.of(registered()));
    var linked =
        created.apply(
            builder(LATER)
                .add(other.identifier(), phone.id().identifier())
                .request()
                .signedBy(phone)
                .signedBy(other)
                .build());
    var handedOver =
        linked.apply(
            builder(LATER)
                .changeRecovery(other.identifier(), wallet.identifier())
                .request()
                .signedBy(wallet)
                .build());
    var revoked =
        handedOver.apply(
            builder(LATER)
                .revoke(wallet.identifier(), other.identifier())
                .request()
                .signedBy(other)
                .build());

    assertThat(linked.identifiers()).containsExactly(other.identifier(), wallet.identifier());
    assertThat(handedOver.recovery()).isEqualTo(other.identifier());
    // The wallet's installation goes with it.
    assertThat(revoked.identifiers()).containsExactly(other.identifier());
    assertThat(revoked.installations()).isEmpty();
    assertThat(revoked.since(created))
        .isEqualTo(
            new AssociationStateDiff(
                java.util.Set.of(other.identifier()),
                java.util.Set.of(wallet.identifier(), phone.id().identifier())));
  }

  @Test
  void asksOneWalletOnceForSeveralPlaces() throws Exception {
    var update =
        builder(NOW)
            .createInbox(wallet.identifier(), NONCE)
            .add(phone.id().identifier(), wallet.identifier())
            .add(laptop.id().identifier(), wallet.identifier())
            .request()
            .signedBy(wallet)
            .signedBy(phone)
            .signedBy(laptop)
            .build();

    assertThat(AssociationState.fold(List.of(update)).installations())
        .containsExactlyInAnyOrder(phone.id(), laptop.id());
  }

  @Test
  void refusesWhoWasNotAsked() throws Exception {
    var request = registration();
    var signedOnce = request.signedBy(wallet);

    assertThat(error(() -> request.signedBy(other))).isEqualTo(IdentityError.UNKNOWN_SIGNER);
    assertThat(error(() -> request.signedBy(laptop))).isEqualTo(IdentityError.UNKNOWN_SIGNER);
    assertThat(error(() -> signedOnce.signedBy(wallet))).isEqualTo(IdentityError.UNKNOWN_SIGNER);
  }

  @Test
  void refusesASignatureOfAnotherText() throws Exception {
    var request = registration();
    var forged = wallet.sign(new SignatureText("Pay me"));

    assertThat(error(() -> request.with(forged, ContractWalletVerifier.NONE)))
        .isEqualTo(IdentityError.UNKNOWN_SIGNER);
  }

  @Test
  void isNotBuiltBeforeEverybodyHasSigned() throws Exception {
    var request = registration().signedBy(wallet);

    assertThat(request.missing()).containsExactly(phone.id().identifier());
    assertThat(error(request::build)).isEqualTo(IdentityError.MISSING_SIGNATURE);
  }

  @Test
  void staysAsItIsWhenSigned() throws Exception {
    var request = registration();

    request.signedBy(wallet);

    assertThat(request.missing()).hasSize(2);
  }

  @Test
  void notesTheBlockAtWhichAContractWalletSigned() throws Exception {
    var contract = EthereumAddress.parse("0xabababababababababababababababababababab");
    var account = AccountId.of(8453, contract);
    var request =
        builder(LATER)
            .add(contract.identifier(), phone.id().identifier())
            .request()
            .signedBy(phone);
    ContractWalletVerifier verifier =
        question ->
            new ContractWalletVerifier.Answer(
                true, OptionalLong.of(question.blockNumber().orElse(22222)), Optional.empty());

    var update =
        request.withContractWallet(account, ByteString.copyFromUtf8("sig"), verifier).build();

    var signature = update.update().actions().get(0).signatures().get(1);
    assertThat(signature)
        .isEqualTo(new ContractWalletSignature(account, 22222, ByteString.copyFromUtf8("sig")));
    assertThat(update.actions().get(0).signatures().get(1).chainId()).hasValue(8453);
  }

  @Test
  void refusesAContractWalletOfWhichTheBlockIsNotKnown() throws Exception {
    var contract = EthereumAddress.parse("0xabababababababababababababababababababab");
    var request = builder(LATER).add(contract.identifier(), phone.id().identifier()).request();

    var error =
        error(
            () ->
                request.withContractWallet(
                    AccountId.of(1, contract),
                    ByteString.EMPTY,
                    question ->
                        new ContractWalletVerifier.Answer(
                            true, OptionalLong.empty(), Optional.empty())));

    assertThat(error).isEqualTo(IdentityError.MISSING_BLOCK_NUMBER);
  }

  @Test
  void writesOnlyWhatEveryClientExpects() {
    var mixed = new Identifier.Ethereum("0xABCDEFabcdefabcdefabcdefabcdefabcdefabcd");
    var name = new Identifier.Ethereum("vitalik.eth");
    var noPoint = new Passkey(ByteString.copyFrom(new byte[33]), Optional.empty());
    var short3 = new MemberIdentifier.Installation(ByteString.copyFrom(new byte[] {1, 2, 3}));
    var me = wallet.identifier();

    assertThat(error(() -> builder(NOW).changeRecovery(mixed, me)))
        .isEqualTo(IdentityError.INVALID_INPUT);
    assertThat(error(() -> builder(NOW).changeRecovery(name, me)))
        .isEqualTo(IdentityError.INVALID_ACCOUNT_ADDRESS);
    assertThat(error(() -> builder(NOW).add(noPoint, me))).isEqualTo(IdentityError.INVALID_INPUT);
    assertThat(error(() -> builder(NOW).add(short3, me))).isEqualTo(IdentityError.INVALID_INPUT);
    assertThat(error(() -> builder(NOW).revoke(mixed, me))).isEqualTo(IdentityError.INVALID_INPUT);
    assertThat(error(() -> builder(NOW).add(me, me))).isEqualTo(IdentityError.ADD_SELF);
    assertThat(error(() -> builder(NOW).add(phone.id().identifier(), laptop.id().identifier())))
        .isEqualTo(IdentityError.MEMBER_NOT_ALLOWED);
    assertThat(error(() -> builder(NOW).createInbox(me, NONCE + 1)))
        .isEqualTo(IdentityError.WRONG_INBOX_ID);
    assertThat(error(() -> builder(NOW).createInbox(other.identifier(), NONCE)))
        .isEqualTo(IdentityError.WRONG_INBOX_ID);
  }

  @Test
  void countsAsAReplayWithinOneSecond() throws Exception {
    var created = AssociationState.fold(List.of(registered()));
    var first = addLaptop(LATER);
    var sameSecond = addLaptop(LATER.minusNanos(LATER.getNano()));
    var nextSecond = addLaptop(LATER.plusSeconds(1));

    var once = created.apply(first);

    assertThat(error(() -> once.apply(sameSecond))).isEqualTo(IdentityError.REPLAY);
    assertThat(once.apply(nextSecond).installations()).containsExactly(phone.id(), laptop.id());
  }

  private VerifiedIdentityUpdate addLaptop(Instant at) throws IdentityException {
    return builder(at)
        .add(laptop.id().identifier(), wallet.identifier())
        .request()
        .signedBy(laptop)
        .signedBy(wallet)
        .build();
  }

  private SignatureRequest registration() throws IdentityException {
    return builder(NOW)
        .createInbox(wallet.identifier(), NONCE)
        .add(phone.id().identifier(), wallet.identifier())
        .request();
  }

  private VerifiedIdentityUpdate registered() throws IdentityException {
    return registration().signedBy(wallet).signedBy(phone).build();
  }

  private IdentityUpdateBuilder builder(Instant builtAt) {
    return new IdentityUpdateBuilder(inbox, builtAt);
  }

  private static IdentityError error(ThrowingCallable refused) {
    return catchThrowableOfType(IdentityException.class, refused).error();
  }

  private static WalletKey wallet(int octet) {
    try {
      return Vectors.wallet(octet);
    } catch (IdentityException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static InboxId inbox(WalletKey wallet) {
    try {
      return InboxId.derive(wallet.identifier(), NONCE);
    } catch (IdentityException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
