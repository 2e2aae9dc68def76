package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.TestUpdate;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipEntriesTest {
  private static final InboxId OWN = new InboxId("11".repeat(32));
  private static final InboxId ALICE = new InboxId("22".repeat(32));
  private static final InboxId BOB = new InboxId("33".repeat(32));
  private static final InstallationId ONE = InstallationId.of(key(1));
  private static final InstallationId TWO = InstallationId.of(key(2));

  private static byte[] key(int first) {
    var key = new byte[InstallationId.LENGTH];
    key[0] = (byte) first;
    return key;
  }

  private static Dictionary dictionary(GroupMembership membership) throws Exception {
    var delta = new MembershipEntries(Map.of()).delta(membership, OWN);
    return Dictionary.EMPTY.apply(List.of(TestUpdate.of(Component.MEMBERSHIP, delta)));
  }

  private static Dictionary after(Dictionary before, GroupMembership membership) throws Exception {
    var delta = MembershipEntries.of(before).delta(membership, OWN);
    return before.apply(List.of(TestUpdate.of(Component.MEMBERSHIP, delta)));
  }

  private static void assertLeadsTo(Dictionary before, GroupMembership wished) throws Exception {
    var entries = MembershipEntries.of(after(before, wished)).entries();

    assertThat(entries.keySet()).isEqualTo(wished.members().keySet());
    wished
        .members()
        .forEach(
            (inbox, sequence) -> assertThat(entries.get(inbox).sequence()).isEqualTo(sequence));
    assertThat(entries.values().stream().flatMap(each -> each.failed().stream()))
        .containsExactlyInAnyOrderElementsOf(wished.failed());
  }

  @Test
  void insertsUpdatesAndDeletes() throws Exception {
    var before = dictionary(new GroupMembership(Map.of(OWN, 1L, ALICE, 2L), Set.of()));

    assertLeadsTo(before, new GroupMembership(Map.of(OWN, 5L, BOB, 3L), Set.of()));
  }

  @Test
  void changesNothingWhereNothingIsToChange() throws Exception {
    var same = new GroupMembership(Map.of(OWN, 1L, ALICE, 2L), Set.of(ONE));
    var before = dictionary(same);

    assertThat(MembershipEntries.of(before).delta(same, OWN)).containsExactly(0);
    assertThat(after(before, same)).isEqualTo(before);
  }

  @Test
  void keepsFailedInstallationsWhoseInboxGoes() throws Exception {
    var entry = new MembershipEntries.Entry(4, Set.of(ONE)).toOctets();
    var own = new MembershipEntries.Entry(1, Set.of()).toOctets();
    var before =
        Dictionary.EMPTY.apply(
            List.of(
                TestUpdate.of(
                    Component.MEMBERSHIP,
                    new Delta().insert(OWN, own).insert(ALICE, entry).toOctets())));

    assertLeadsTo(before, new GroupMembership(Map.of(OWN, 1L), Set.of(ONE, TWO)));
  }

  @Test
  void forgetsAFailedInstallationOfAnInboxThatIsNotChangedElse() throws Exception {
    var entry = new MembershipEntries.Entry(4, Set.of(ONE, TWO)).toOctets();
    var own = new MembershipEntries.Entry(1, Set.of()).toOctets();
    var before =
        Dictionary.EMPTY.apply(
            List.of(
                TestUpdate.of(
                    Component.MEMBERSHIP,
                    new Delta().insert(OWN, own).insert(ALICE, entry).toOctets())));

    assertLeadsTo(before, new GroupMembership(Map.of(OWN, 1L, ALICE, 4L), Set.of(TWO)));
  }

  @Test
  void writesWhatTheReferenceWrites() {
    assertThat(new MembershipEntries.Entry(5, Set.of()).toOctets())
        .containsExactly(0x0a, 0x02, 0x08, 0x05);
    assertThat(new MembershipEntries.Entry(0, Set.of()).toOctets()).containsExactly(0x0a, 0x00);
  }

  @Test
  void refusesWhatIsNoEntry() throws Exception {
    var noEntry =
        Dictionary.EMPTY.apply(
            List.of(
                TestUpdate.of(
                    Component.MEMBERSHIP,
                    new Delta().insert(OWN, new byte[] {(byte) 0xff}).toOctets())));

    assertThatThrownBy(() -> MembershipEntries.of(noEntry)).isInstanceOf(GroupException.class);
  }
}
