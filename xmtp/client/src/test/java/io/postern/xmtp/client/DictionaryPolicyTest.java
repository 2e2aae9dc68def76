package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.group.ClaimedCommit;
import io.postern.mls.group.CommittedProposal;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNode;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.TestDelta;
import io.postern.xmtp.appdata.TestUpdate;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.store.TestDatabase;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each rule for a group that has been migrated, broken by a malicious member, and kept by an honest
 * one: of standalone proposals and of commits. Groups document 11.6.
 */
class DictionaryPolicyTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = CommitLab.ofDictionaries(network);
  private JdbcConnectionPool pool;
  private CommitPolicy policy;
  private Person founder;
  private Person admin;
  private Person member;
  private Person judge;
  private Person outsider;
  private Device founders;
  private Device admins;
  private Device members;
  private Device judges;
  private Device outsiders;

  @BeforeEach
  void gather() throws Exception {
    pool = TestDatabase.pool(folder);
    policy = new CommitPolicy(new Identities(TestDatabase.open(pool), new TestLink(network)));
    founder = lab.person();
    admin = lab.person();
    member = lab.person();
    judge = lab.person();
    outsider = lab.person();
    founders = founder.device();
    admins = admin.device();
    members = member.device();
    judges = judge.device();
    outsiders = outsider.device();
  }

  @AfterEach
  void close() {
    pool.dispose();
  }

  private Map<Person, Long> everybody() {
    var all = new LinkedHashMap<Person, Long>();
    for (var person : List.of(founder, admin, member, judge)) {
      all.put(person, person.sequence());
    }
    return all;
  }

  private Map<Integer, byte[]> group() {
    return DictionaryLab.migration(founder, List.of(admin), everybody(), "before");
  }

  private void found(Map<Integer, byte[]> components) throws Exception {
    lab.found(DictionaryLab.context(components), List.of(founders, admins, members, judges));
  }

  private void found() throws Exception {
    found(group());
  }

  private static Map<Integer, byte[]> with(Map<Integer, byte[]> components, int id, byte[] value) {
    var changed = new TreeMap<>(components);
    changed.put(id, value);
    return changed;
  }

  /** A group in whose registry something else stands of a component. */
  private void foundWithEntry(int component, byte[] entry) throws Exception {
    found(
        with(
            group(),
            Component.REGISTRY,
            DictionaryLab.register(with(DictionaryLab.registry(), component, entry))));
  }

  private static CommittedProposal by(Device proposer, Proposal proposal) {
    return new CommittedProposal(proposal, proposer.place(), true);
  }

  private StagedCommit claim(Device committer, List<CommittedProposal> proposals) throws Exception {
    var after =
        DictionaryLab.withUpdates(
            judges.group.contextExtensions(),
            proposals.stream().map(CommittedProposal::proposal).toList());
    return ClaimedCommit.of(judges.group, committer.place(), proposals, after);
  }

  private StagedCommit claim(Device committer, Proposal... proposals) throws Exception {
    var committed = new ArrayList<CommittedProposal>();
    for (var proposal : proposals) {
      committed.add(new CommittedProposal(proposal, committer.place(), false));
    }
    return claim(committer, committed);
  }

  private void refuses(String rule, StagedCommit commit) {
    assertThatThrownBy(() -> policy.check(judges.group, commit))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining(rule);
  }

  private Verdict allows(StagedCommit commit) throws Exception {
    return policy.check(judges.group, commit);
  }

  /** Refused from this member, alone and in a commit; taken from another, both ways. */
  private void onlyFrom(Device may, Device mayNot, String rule, Proposal proposal)
      throws Exception {
    refusesAlone(rule, mayNot, proposal);
    refuses(rule, claim(mayNot, proposal));
    allowsAlone(may, proposal);
    allows(claim(may, proposal));
  }

  private void refusesAlone(String rule, Device sender, Proposal proposal) {
    assertThatThrownBy(() -> judge(proposal, sender))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining(rule);
  }

  private void allowsAlone(Device sender, Proposal proposal) throws Exception {
    judge(proposal, sender);
  }

  private void judge(Proposal proposal, Device sender) throws GroupException {
    var context = XmtpContext.of(judges.group.contextExtensions());
    ProposalPolicy.of(judges.group, context).check(proposal, sender.place());
  }

  private static Proposal name(String value) {
    return DictionaryLab.update(Component.NAME, DictionaryLab.text(value));
  }

  private static Proposal admins(byte[] delta) {
    return DictionaryLab.update(Component.ADMINS, delta);
  }

  private static Proposal supers(byte[] delta) {
    return DictionaryLab.update(Component.SUPER_ADMINS, delta);
  }

  private static Proposal membership(Delta delta) {
    return DictionaryLab.update(Component.MEMBERSHIP, delta.toOctets());
  }

  private static Delta join(Person person, long sequence, Device... failed) {
    return new Delta().insert(person.inbox, DictionaryLab.member(sequence, failed));
  }

  private static Delta raise(Person person, long sequence, Device... failed) {
    return new Delta().update(person.inbox, DictionaryLab.member(sequence, failed));
  }

  private static Proposal add(Device device) throws Exception {
    return new Proposal.Add(device.keyPackage());
  }

  private static Proposal remove(Device device) {
    return new Proposal.Remove(device.place());
  }

  @Test
  void aGroupIsReadFromItsDictionary() throws Exception {
    var lifetime = new TlsWriter().uint64(1_000_000_000).toOctets();
    found(
        with(
            with(group(), Component.DISAPPEAR_IN, lifetime),
            Component.MINIMUM_VERSION,
            DictionaryLab.text("1.0.0")));
    var context = XmtpContext.of(judges.group.contextExtensions());

    assertThat(context.isMigrated()).isTrue();
    assertThat(context.metadata().name()).isEqualTo("before");
    assertThat(context.metadata().kind()).isEqualTo(ConversationType.CONVERSATION_TYPE_GROUP);
    assertThat(context.metadata().isCreator(founder.inbox)).isTrue();
    assertThat(context.metadata().admins()).containsExactly(admin.inbox.toString());
    assertThat(context.metadata().superAdmins()).containsExactly(founder.inbox.toString());
    assertThat(context.metadata().attributes())
        .containsEntry(GroupMetadata.DISAPPEAR_IN, "1000000000")
        .containsEntry(GroupMetadata.MINIMUM_VERSION, "1.0.0");
    assertThat(context.membership().members()).hasSize(4);
  }

  @Nested
  class Words {
    @Test
    void areChangedByWhomTheRegistryNames() throws Exception {
      found();
      var verdict = allows(claim(members, name("after")));
      assertThat(verdict.before().name()).isEqualTo("before");
      assertThat(verdict.after().name()).isEqualTo("after");
      assertThat(Transcript.of(verdict)).isPresent();

      onlyFrom(
          admins,
          members,
          "may not UPDATE",
          DictionaryLab.update(Component.IMAGE, DictionaryLab.text("picture")));
    }

    @Test
    void areRemovedByWhomTheRegistryNames() throws Exception {
      found();
      onlyFrom(founders, admins, "may not DELETE", DictionaryLab.remove(Component.NAME));
    }

    @Test
    void areChangedByTheirProposerNotByTheCommitter() throws Exception {
      found();
      var picture = DictionaryLab.update(Component.IMAGE, DictionaryLab.text("picture"));

      allows(claim(members, List.of(by(admins, picture))));
      refuses("may not UPDATE", claim(founders, List.of(by(members, picture))));
    }

    @Test
    void areReadable() throws Exception {
      found();
      var broken = DictionaryLab.update(Component.NAME, new byte[] {(byte) 0xff});
      refusesAlone("no UTF-8", founders, broken);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x1234, 0x800C, 0xC000, 0xFF01})
    void ofWhichTheRegistryDoesNotSpeakAreRefused(int component) throws Exception {
      found();
      refusesAlone(
          "the registry has no", founders, DictionaryLab.update(component, new byte[] {1}));
    }

    @Test
    void thatOthersKnowAreKept() throws Exception {
      foundWithEntry(0xC000, DictionaryLab.entry(DictionaryLab.BYTES, 1, 1, 1));

      var commit = claim(members, DictionaryLab.update(0xC000, new byte[] {1}));

      allows(commit);
      assertThat(XmtpContext.of(commit.contextExtensions()).dictionary().find(0xC000)).isPresent();
    }

    /** The others look at the membership and the demanded version only. */
    @Test
    void thatCannotBeReadAfterwardsCountAsUnchanged() throws Exception {
      foundWithEntry(Component.DM_MEMBERS, DictionaryLab.entry(DictionaryLab.INBOX_SET, 1, 1, 1));
      var lonely = DictionaryLab.update(Component.DM_MEMBERS, DictionaryLab.appoint(member));
      var later = DictionaryLab.update(Component.MINIMUM_VERSION, DictionaryLab.text("99.0.0"));

      assertThat(allows(claim(members, name("after"), lonely)).after().name()).isEqualTo("before");
      assertThat(allows(claim(founders, later, lonely)).demandedVersion()).contains("99.0.0");
    }

    @ParameterizedTest
    @ValueSource(ints = {Component.CREATOR, Component.CONVERSATION_TYPE})
    void thatAreImmutableStay(int component) throws Exception {
      found();
      refusesAlone("immutable", founders, DictionaryLab.update(component, new byte[] {0, 0, 0, 2}));
      refusesAlone("immutable", founders, DictionaryLab.remove(component));
      refuses("immutable", claim(founders, DictionaryLab.remove(component)));
    }
  }

  @Nested
  class Admins {
    @Test
    void areAppointedByWhomTheRegistryNames() throws Exception {
      found();
      onlyFrom(
          founders, admins, "may not INSERT", admins(new Delta().insert(member.inbox).toOctets()));
      onlyFrom(
          founders,
          members,
          "may not DELETE",
          admins(new TestDelta().remove(admin.inbox).toOctets()));
    }

    @Test
    void thatAreSuperAreAppointedByEachOther() throws Exception {
      found();
      onlyFrom(
          founders,
          admins,
          "only a super admin",
          supers(new Delta().insert(member.inbox).toOctets()));
      onlyFrom(
          founders,
          members,
          "only a super admin",
          supers(new TestDelta().remove(founder.inbox).toOctets()));
    }

    /** What somebody becomes in a commit gives no right in the same one. */
    @Test
    void haveTheirRightsFromTheNextEpochOn() throws Exception {
      found();
      refuses(
          "only a super admin",
          claim(
              founders,
              List.of(
                  by(founders, supers(new Delta().insert(member.inbox).toOctets())),
                  by(members, supers(new Delta().insert(judge.inbox).toOctets())))));
    }
  }

  @Nested
  class TheRegistry {
    private Proposal everybodyWrites(int component) {
      return DictionaryLab.update(
          Component.REGISTRY,
          new TestDelta()
              .update(component, DictionaryLab.entry(DictionaryLab.STRING, 1, 1, 1))
              .toOctets());
    }

    @Test
    void isWrittenBySuperAdmins() throws Exception {
      found();
      onlyFrom(founders, admins, "only a super admin", everybodyWrites(Component.IMAGE));
    }

    @Test
    void countsAsItIsBeforeTheCommit() throws Exception {
      found();
      refuses(
          "may not UPDATE",
          claim(
              founders,
              List.of(
                  by(founders, everybodyWrites(Component.IMAGE)),
                  by(
                      members,
                      DictionaryLab.update(Component.IMAGE, DictionaryLab.text("picture"))))));
    }

    @Test
    void isNeverRemoved() throws Exception {
      found();
      refusesAlone("cannot be removed", founders, DictionaryLab.remove(Component.REGISTRY));
    }

    @Test
    void takesNoEntryThatIsNotRecognised() throws Exception {
      found();
      refusesAlone(
          "appoint admins",
          founders,
          DictionaryLab.update(
              Component.REGISTRY,
              new TestDelta()
                  .update(Component.ADMINS, DictionaryLab.entry(DictionaryLab.INBOX_SET, 1, 1, 1))
                  .toOctets()));
    }
  }

  @Nested
  class TheDemandedVersion {
    private Proposal demand(String version) {
      return DictionaryLab.update(Component.MINIMUM_VERSION, DictionaryLab.text(version));
    }

    private void foundDemanding(String version) throws Exception {
      found(with(group(), Component.MINIMUM_VERSION, DictionaryLab.text(version)));
    }

    @Test
    void comesFromSuperAdmins() throws Exception {
      found();
      onlyFrom(founders, admins, "may not UPDATE", demand("1.0.0"));
    }

    @Test
    void neverFalls() throws Exception {
      foundDemanding("1.5.0");
      refusesAlone("falls", founders, demand("1.4.9"));
      refuses("falls", claim(founders, demand("1.5.0-rc1")));
      allows(claim(founders, demand("1.5.0")));
      allowsAlone(founders, demand("1.5.1"));
    }

    @Test
    void isNeverRemoved() throws Exception {
      foundDemanding("1.5.0");
      refusesAlone("is removed", founders, DictionaryLab.remove(Component.MINIMUM_VERSION));
      refuses("is removed", claim(founders, DictionaryLab.remove(Component.MINIMUM_VERSION)));
    }

    @Test
    void isAVersion() throws Exception {
      foundDemanding("1.5.0");
      refusesAlone("not a version", founders, demand("soon"));
      found();
      refuses("not a version", claim(founders, demand("soon")));
    }

    /** Only after all else was found good: else anybody could stop everybody. */
    @Test
    void pausesWhereItIsAboveOurs() throws Exception {
      found();
      assertThat(allows(claim(founders, demand("99.0.0"))).demandedVersion()).contains("99.0.0");
      refuses("may not UPDATE", claim(admins, demand("99.0.0")));
    }

    private Optional<String> demandedBefore() throws GroupException {
      return XmtpContext.of(judges.group.contextExtensions()).demandedVersion();
    }

    /** Nothing of such a group is for us to judge, whatever it is. */
    @Test
    void pausesBeforeAnythingIsUnderstood() throws Exception {
      foundDemanding("99.0.0");
      var unheardOf = DictionaryLab.update(0xFF77, new byte[] {1});

      assertThat(demandedBefore()).contains("99.0.0");
      var commit =
          ClaimedCommit.of(
              judges.group,
              members.place(),
              List.of(by(members, unheardOf)),
              judges.group.contextExtensions());
      assertThat(allows(commit).demandedVersion()).contains("99.0.0");
      found();
      assertThat(demandedBefore()).isEmpty();
    }

    @Test
    void isAnythingWhereNoneCanBeCompared() throws Exception {
      foundDemanding("never");
      allowsAlone(founders, demand("1.0.0"));
      assertThat(demandedBefore()).isEmpty();
    }
  }

  @Nested
  class Members {
    @Test
    void comeIn() throws Exception {
      found();
      var verdict =
          allows(claim(members, add(outsiders), membership(join(outsider, outsider.sequence()))));

      assertThat(verdict.addedInboxes()).containsExactly(outsider.inbox);
      assertThat(Transcript.of(verdict)).isPresent();
    }

    @Test
    void comeInByWhomTheRegistryNames() throws Exception {
      foundWithEntry(Component.MEMBERSHIP, DictionaryLab.entry(DictionaryLab.INBOX_MAP, 3, 1, 3));

      refusesAlone("may not add members", members, add(outsiders));
      refusesAlone("may not INSERT", members, membership(join(outsider, outsider.sequence())));
      refuses(
          "may not INSERT",
          claim(members, add(outsiders), membership(join(outsider, outsider.sequence()))));
      allowsAlone(admins, add(outsiders));
      allows(claim(admins, add(outsiders), membership(join(outsider, outsider.sequence()))));
    }

    /** Whoever proposes the leaf must be allowed, not only whoever proposes the entry. */
    @Test
    void comeInByTheRightOfTheirProposer() throws Exception {
      foundWithEntry(Component.MEMBERSHIP, DictionaryLab.entry(DictionaryLab.INBOX_MAP, 3, 1, 3));
      var entry = membership(join(outsider, outsider.sequence()));

      refuses("7.4 rule 1", claim(admins, List.of(by(members, add(outsiders)), by(admins, entry))));
      allows(claim(members, List.of(by(admins, add(outsiders)), by(admins, entry))));
    }

    @Test
    void comeInByNobodyWhereTheirPolicyIsNotSimple() throws Exception {
      foundWithEntry(Component.MEMBERSHIP, DictionaryLab.entry(DictionaryLab.INBOX_MAP, 9, 1, 3));

      refusesAlone("may not add members", founders, add(outsiders));
    }

    @Test
    void doNotComeInWithoutALeaf() throws Exception {
      found();
      refuses(
          "nobody has proposed",
          claim(members, membership(join(outsider, outsider.sequence(), outsiders))));
    }

    @Test
    void doNotComeInUnderAnotherName() throws Exception {
      found();
      refuses(
          "under another inbox's name",
          claim(
              members,
              new Proposal.Add(outsiders.keyPackageAs(member.inbox)),
              membership(join(outsider, outsider.sequence()))));
    }

    @Test
    void bringOnlyInstallationsThatTheirLogLists() throws Exception {
      found();
      refuses("step 11: an installation is added", claim(members, add(outsiders)));
    }

    @Test
    void go() throws Exception {
      found();
      var verdict =
          allows(claim(admins, remove(members), membership(new Delta().delete(member.inbox))));

      assertThat(verdict.removedInboxes()).containsExactly(member.inbox);
    }

    @Test
    void goByWhomTheRegistryNames() throws Exception {
      found();
      var entry = membership(new Delta().delete(admin.inbox));

      refusesAlone("may not remove members", members, remove(admins));
      refusesAlone("may not DELETE", members, entry);
      refuses(
          "7.4 rule 2", claim(founders, List.of(by(members, remove(admins)), by(founders, entry))));
      allowsAlone(admins, remove(members));
    }

    @Test
    void doNotGoWhoAreSuperAdmins() throws Exception {
      found();
      refusesAlone("a super admin cannot be removed", admins, remove(founders));
      refuses(
          "a super admin cannot be removed",
          claim(admins, remove(founders), membership(new Delta().delete(founder.inbox))));
    }

    @Test
    void leaveNoInstallationBehind() throws Exception {
      found();
      refuses("step 11: the removed", claim(admins, membership(new Delta().delete(member.inbox))));
      refuses("step 11: the removed", claim(admins, remove(members)));
    }

    @Test
    void haveNumbersThatNeverFall() throws Exception {
      member.stir();
      found();
      refuses("step 8", claim(members, membership(raise(member, member.sequence() - 1))));
    }

    @Test
    void areRaisedByEverybody() throws Exception {
      found();
      member.stir();
      allowsAlone(judges, membership(raise(member, member.sequence())));
      allows(claim(admins, membership(raise(member, member.sequence()))));
    }

    @Test
    void bringTheirNewDevices() throws Exception {
      found();
      var second = member.device();

      allows(claim(admins, add(second), membership(raise(member, member.sequence()))));
      allows(claim(admins, membership(raise(member, member.sequence(), second))));
    }

    /** A device whose package failed need not go; which one that is, the entries say. */
    @Test
    void loseTheDevicesThatTheyRevoke() throws Exception {
      var lost = member.device();
      found();
      member.revoke(lost);

      refuses("step 11: the removed", claim(judges, remove(members)));
      allows(claim(judges, membership(raise(member, member.sequence(), lost))));
    }

    /** Nobody speaks for an inbox that has left the membership. */
    @Test
    void committersStayMembers() throws Exception {
      found();
      refuses(
          "step 12: the committer's inbox is not a member",
          claim(
              members,
              List.of(
                  by(admins, remove(members)),
                  by(admins, membership(new Delta().delete(member.inbox))))));
    }

    @Test
    void ofADmAreInvited() throws Exception {
      found(
          with(
              with(group(), Component.DM_MEMBERS, DictionaryLab.appoint(member, outsider)),
              Component.REGISTRY,
              DictionaryLab.register(
                  with(
                      DictionaryLab.registry(),
                      Component.MEMBERSHIP,
                      DictionaryLab.entry(DictionaryLab.INBOX_MAP, 2, 1, 2)))));

      allowsAlone(members, add(outsiders));
      refusesAlone("may not add", members, add(lab.person().device()));
    }
  }

  @Nested
  class Lists {
    private Proposal list(Extension changed) {
      return new Proposal.GroupContextExtensions(
          judges.group.contextExtensions().withLast(changed));
    }

    @Test
    void bringNothingBack() throws Exception {
      found();
      for (var legacy :
          List.of(
              CommitLab.mutable(Map.of(), List.of(), List.of(member)),
              CommitLab.permissions(1, 1, 1, 3, 3, 3),
              CommitLab.membership(everybody()))) {
        refusesAlone("comes back", founders, list(legacy));
      }
    }

    /** Written out in a commit the others take it; nobody reads it any more. */
    @Test
    void bringBackWhatNobodyReadsInACommit() throws Exception {
      found();
      var takeover = CommitLab.mutable(Map.of(), List.of(), List.of(member));

      allows(claim(members, list(takeover)));

      lab.found(
          DictionaryLab.context(group()).withLast(takeover),
          List.of(founders, admins, members, judges));
      assertThat(allows(claim(members, name("after"))).before().superAdmins())
          .containsExactly(founder.inbox.toString());
    }

    /** The others read the membership in the list, where it is as before. */
    @Test
    void hideWhatAnUpdateBesideThemMakesOfTheMembership() throws Exception {
      found();
      var same = new Proposal.GroupContextExtensions(judges.group.contextExtensions());
      var join = membership(join(outsider, outsider.sequence()));

      refuses("step 11: an installation is added", claim(members, same, add(outsiders), join));
      refuses(
          "step 11: the removed",
          claim(admins, same, remove(members), membership(new Delta().delete(member.inbox))));
      var verdict = allows(claim(admins, same, membership(new Delta().delete(member.inbox))));
      assertThat(verdict.removedInboxes()).isEmpty();
    }

    /** Else any member could make itself a super admin. */
    @Test
    void doNotWriteTheDictionary() throws Exception {
      found();
      var taken =
          Dictionary.read(
                  judges
                      .group
                      .contextExtensions()
                      .find(Extension.APP_DATA_DICTIONARY)
                      .orElseThrow())
              .apply(
                  List.of(
                      TestUpdate.of(
                          Component.SUPER_ADMINS, new Delta().insert(member.inbox).toOctets())));
      var theft = list(new Extension(Extension.APP_DATA_DICTIONARY, taken.toOctets()));
      var loss =
          new Proposal.GroupContextExtensions(
              judges.group.contextExtensions().without(Extension.APP_DATA_DICTIONARY));
      for (var proposal : List.of(theft, loss)) {
        refusesAlone("changes the dictionary", members, proposal);
        refuses("changes the dictionary", claim(members, proposal));
      }
    }

    @Test
    void mayStandBesideUpdates() throws Exception {
      found();
      var same = new Proposal.GroupContextExtensions(judges.group.contextExtensions());

      allows(claim(members, same, name("after")));
    }
  }

  @Nested
  class OtherProposals {
    @Test
    void areRefused() throws Exception {
      found();
      var reInit = new Proposal.ReInit(new byte[16], 1, 3, Extensions.NONE);
      refusesAlone("nobody proposes type 5", founders, reInit);
      refusesAlone("nobody proposes type 6", founders, new Proposal.ExternalInit(new byte[32]));
      refuses("type 5 is not allowed", claim(founders, reInit));
    }

    @Test
    void anUpdateKeepsItsOwner() throws Exception {
      found();
      allowsAlone(members, new Proposal.Update(leaf(member)));
      refusesAlone("another inbox", members, new Proposal.Update(leaf(admin)));
      refuses(
          "another owner", claim(founders, List.of(by(members, new Proposal.Update(leaf(admin))))));
    }

    /** So the others do, as long as the inbox lists it. */
    @Test
    void anUpdateMayBeOfAnotherInstallationOfItsInbox() throws Exception {
      var second = member.device();
      found();

      allows(claim(founders, List.of(by(members, new Proposal.Update(leaf(second, member))))));
      refuses(
          "no installation of its inbox",
          claim(founders, List.of(by(members, new Proposal.Update(leaf(outsiders, member))))));
    }

    private LeafNode leaf(Person claimed) {
      return leaf(members, claimed);
    }

    private LeafNode leaf(Device installation, Person claimed) {
      return LeafNode.forKeyPackage(
          KeyPackages.SUITE,
          installation.signer(),
          KeyPackages.SUITE.kem().generateKeyPair(new SecureRandom()).publicKey(),
          Leaves.credential(claimed.inbox),
          KeyPackages.creatorCapabilities(),
          KeyPackages.lifetime(CommitLab.NOW),
          Extensions.NONE);
    }

    @Test
    void areNotUsedInAGroupOfTheOldForm() throws Exception {
      lab.found(
          CommitLab.groupOf(founder).withLast(CommitLab.membership(everybody())),
          List.of(founders, admins, members, judges));

      assertThatThrownBy(() -> judge(name("after"), founders))
          .isInstanceOf(IllegalArgumentException.class);
      refuses("type 8 is not allowed", claimInOldForm(name("after")));
    }

    private StagedCommit claimInOldForm(Proposal proposal) {
      return ClaimedCommit.of(
          judges.group,
          founders.place(),
          List.of(new CommittedProposal(proposal, founders.place(), false)),
          judges.group.contextExtensions());
    }
  }
}
