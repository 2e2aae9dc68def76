package io.postern.xmtp.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An inbox that begins at 10, takes in two installations at 13 and 20, and loses the first at 21.
 */
class IdentityLogTest {
  private static final Instant BEGIN = Instant.parse("2026-11-25T10:00:00Z");

  private final InstallationKey phone = Vectors.installation(0x41);
  private final InstallationKey laptop = Vectors.installation(0x42);
  private WalletKey wallet;
  private InboxId inbox;
  private List<IdentityLog.Entry> entries;
  private IdentityLog log;

  @BeforeEach
  void begin() throws Exception {
    wallet = Vectors.wallet(1);
    inbox = InboxId.derive(wallet.identifier(), 0);
    var me = wallet.identifier();
    entries = new ArrayList<>();
    entry(10, builder(0).createInbox(me, 0).request().signedBy(wallet));
    entry(
        13, builder(1).add(phone.id().identifier(), me).request().signedBy(wallet).signedBy(phone));
    entry(
        20,
        builder(2).add(laptop.id().identifier(), me).request().signedBy(wallet).signedBy(laptop));
    entry(21, builder(3).revoke(phone.id().identifier(), me).request().signedBy(wallet));
    log = IdentityLog.of(entries);
  }

  @Test
  void endsWithTheNewestEntry() throws Exception {
    assertThat(log.state().installations()).containsExactly(laptop.id());
    assertThat(log.sequenceIds()).containsExactly(10L, 13L, 20L, 21L);
  }

  @Test
  void knowsTheStateAtEachEntry() throws Exception {
    assertThat(log.stateAt(10).installations()).isEmpty();
    assertThat(log.stateAt(13).installations()).containsExactly(phone.id());
    assertThat(log.stateAt(20).installations()).containsExactly(phone.id(), laptop.id());
    assertThat(log.stateAt(21)).isEqualTo(log.state());
  }

  @Test
  void doesNotGuessAtAnEntryItDoesNotHave() {
    for (long sequenceId : new long[] {0, 9, 11, 19, 22, -1}) {
      assertThat(error(() -> log.stateAt(sequenceId))).isEqualTo(IdentityError.MISSING_UPDATE);
      assertThat(error(() -> log.diff(sequenceId, 21))).isEqualTo(IdentityError.MISSING_UPDATE);
      assertThat(error(() -> log.diffToNewest(sequenceId))).isEqualTo(IdentityError.MISSING_UPDATE);
      assertThat(error(() -> log.diffFromNothing(sequenceId)))
          .isEqualTo(IdentityError.MISSING_UPDATE);
    }
    for (long sequenceId : new long[] {19, 22, -1}) {
      assertThat(error(() -> log.diff(10, sequenceId))).isEqualTo(IdentityError.MISSING_UPDATE);
    }
    assertThat(error(() -> IdentityLog.of(List.of()).state()))
        .isEqualTo(IdentityError.MISSING_UPDATE);
  }

  @Test
  void tellsWhoCameAndWhoWent() throws Exception {
    var diff = log.diff(13, 21);

    assertThat(diff.addedInstallations()).containsExactly(laptop.id());
    assertThat(diff.removedInstallations()).containsExactly(phone.id());
    assertThat(log.diffToNewest(13)).isEqualTo(diff);
    assertThat(log.diffFromNothing(13).added())
        .containsExactlyInAnyOrder(wallet.identifier(), phone.id().identifier());
  }

  /** Other clients ask only whether the last entry they find is the one they look for. */
  @Test
  void tellsNothingIfItKnowsNothingBetweenTwoEntries() throws Exception {
    var nothing = new AssociationStateDiff(Set.of(), Set.of());

    assertThat(log.diff(21, 21)).isEqualTo(nothing);
    assertThat(log.diff(21, 30)).isEqualTo(nothing);
    assertThat(log.diff(10, 12)).isEqualTo(nothing);
    assertThat(log.diff(20, 13)).isEqualTo(nothing);
    assertThat(log.diff(20, 0)).isEqualTo(nothing);
  }

  @Test
  void doesNotTellWhoIsMerelyAddedAnew() throws Exception {
    entry(
        30,
        builder(9)
            .add(laptop.id().identifier(), wallet.identifier())
            .request()
            .signedBy(wallet)
            .signedBy(laptop));

    var longer = IdentityLog.of(entries);

    assertThat(longer.diff(21, 30).added()).isEmpty();
    assertThat(longer.state()).isNotEqualTo(longer.stateAt(21));
  }

  @Test
  void isUsableUpToTheEntryBeforeOneThatBreaksARule() throws Exception {
    entry(30, builder(0).createInbox(wallet.identifier(), 0).request().signedBy(wallet));

    var broken = IdentityLog.of(entries);

    assertThat(error(broken::state)).isEqualTo(IdentityError.MULTIPLE_CREATE);
    assertThat(broken.stateAt(21)).isEqualTo(log.state());
  }

  @Test
  void countsTheFirstOfTwoEntriesWithOneNumber() throws Exception {
    entry(
        21,
        builder(7)
            .revoke(laptop.id().identifier(), wallet.identifier())
            .request()
            .signedBy(wallet));

    assertThat(IdentityLog.of(entries).state()).isEqualTo(log.state());
  }

  private IdentityUpdateBuilder builder(int second) {
    return new IdentityUpdateBuilder(inbox, BEGIN.plusSeconds(second));
  }

  private void entry(long sequenceId, SignatureRequest request) throws IdentityException {
    entries.add(new IdentityLog.Entry(sequenceId, request.build()));
  }

  private static IdentityError error(ThrowingCallable refused) {
    return catchThrowableOfType(IdentityException.class, refused).error();
  }
}
