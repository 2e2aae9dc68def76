package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.group.ClaimedCommit;
import io.postern.mls.group.CommittedProposal;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.wire.TlsWriter;
import io.postern.xmtp.appdata.Component;
import io.postern.xmtp.appdata.Delta;
import io.postern.xmtp.appdata.Dictionary;
import io.postern.xmtp.appdata.TestDelta;
import io.postern.xmtp.appdata.TestUpdate;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.proto.mls.ComponentMetadata;
import io.postern.xmtp.proto.mls.ComponentPermissions;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.GroupMembershipEntry;
import io.postern.xmtp.proto.mls.GroupMutableMetadataV1;
import io.postern.xmtp.proto.mls.GroupMutablePermissionsV1;
import io.postern.xmtp.proto.mls.Inboxes;
import io.postern.xmtp.proto.mls.MembershipPolicy;
import io.postern.xmtp.proto.mls.MetadataPolicy;
import io.postern.xmtp.proto.mls.PolicySet;
import io.postern.xmtp.store.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each rule for the commit that brings a group into the dictionary form, broken by a malicious
 * super admin, and kept by an honest one. Groups document 11.5.
 */
class MigrationTest {
  private static final int UNKNOWN = 0xC000;

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = CommitLab.ofDictionaries(network);
  private JdbcConnectionPool pool;
  private CommitPolicy policy;
  private Person founder;
  private Person admin;
  private Person judge;
  private Person outsider;
  private Device founders;
  private Device admins;
  private Device judges;

  @BeforeEach
  void gather() throws Exception {
    pool = TestDatabase.pool(folder);
    policy = new CommitPolicy(new Identities(TestDatabase.open(pool), new TestLink(network)));
    founder = lab.person();
    admin = lab.person();
    judge = lab.person();
    outsider = lab.person();
    founders = founder.device();
    admins = admin.device();
    judges = judge.device();
    outsider.device();
  }

  @AfterEach
  void close() {
    pool.dispose();
  }

  private Map<Person, Long> everybody() {
    var all = new LinkedHashMap<Person, Long>();
    for (var person : List.of(founder, admin, judge)) {
      all.put(person, person.sequence());
    }
    return all;
  }

  private void found(Extension... changed) throws Exception {
    var extensions =
        Extensions.of(
            CommitLab.immutable(ConversationType.CONVERSATION_TYPE_GROUP, founder.inbox),
            attributes(Map.of(GroupMetadata.NAME, "before")),
            CommitLab.membership(everybody()),
            CommitLab.permissions(1, 3, 1, 3, 3, 3),
            KeyPackages.requiredCapabilities());
    for (var extension : changed) {
      extensions = extensions.withLast(extension);
    }
    lab.found(extensions, List.of(founders, admins, judges));
  }

  private Extension attributes(Map<String, String> attributes) {
    return CommitLab.mutable(attributes, List.of(admin), List.of(founder));
  }

  private Extension named(Map<String, String> others) {
    var attributes = new HashMap<>(others);
    attributes.put(GroupMetadata.NAME, "before");
    return attributes(attributes);
  }

  private Map<Integer, byte[]> honest() {
    return DictionaryLab.migration(founder, List.of(admin), everybody(), "before");
  }

  private static Map<Integer, byte[]> with(Map<Integer, byte[]> updates, int id, byte[] payload) {
    var changed = new TreeMap<>(updates);
    changed.put(id, payload);
    return changed;
  }

  private static Map<Integer, byte[]> without(Map<Integer, byte[]> updates, int id) {
    var changed = new TreeMap<>(updates);
    changed.remove(id);
    return changed;
  }

  private Proposal bare() {
    return new Proposal.GroupContextExtensions(
        DictionaryLab.bare(judges.group.contextExtensions()));
  }

  private StagedCommit claim(Device committer, List<Proposal> proposals) {
    var committed = new ArrayList<CommittedProposal>();
    for (var proposal : proposals) {
      committed.add(new CommittedProposal(proposal, committer.place(), false));
    }
    return ClaimedCommit.of(judges.group, committer.place(), committed, Extensions.NONE);
  }

  private StagedCommit migration(Device committer, Map<Integer, byte[]> updates) {
    return claim(committer, migration(updates));
  }

  private List<Proposal> migration(Map<Integer, byte[]> updates) {
    var proposals = new ArrayList<Proposal>();
    proposals.add(bare());
    proposals.addAll(DictionaryLab.proposals(updates));
    return proposals;
  }

  private void refuses(String rule, StagedCommit commit) {
    assertThatThrownBy(() -> policy.check(judges.group, commit))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining(rule);
  }

  private void refuses(String rule, Map<Integer, byte[]> updates) {
    refuses(rule, migration(founders, updates));
  }

  private Verdict allows(Map<Integer, byte[]> updates) throws Exception {
    return policy.check(judges.group, migration(founders, updates));
  }

  @Test
  void bringsTheSameWordsIntoTheDictionary() throws Exception {
    found();

    var verdict = allows(honest());

    assertThat(verdict.actor()).isEqualTo(founder.inbox);
    assertThat(verdict.demandedVersion()).isEmpty();
    assertThat(Transcript.of(verdict)).as("nobody is told of it").isEmpty();
    var after = XmtpContext.of(DictionaryLab.context(honest()));
    var before = XmtpContext.of(judges.group.contextExtensions());
    assertThat(after.metadata()).isEqualTo(before.metadata());
    assertThat(after.membership()).isEqualTo(before.membership());
  }

  @Test
  void comesFromASuperAdmin() throws Exception {
    found();
    refuses("not proposed by a super admin", migration(admins, honest()));
  }

  /** Whose list it is counts, not who commits it. */
  @Test
  void isProposedByASuperAdminAndCommittedByAnybody() throws Exception {
    found();
    var proposals = new ArrayList<CommittedProposal>();
    for (var proposal : migration(honest())) {
      proposals.add(new CommittedProposal(proposal, founders.place(), true));
    }

    var commit = ClaimedCommit.of(judges.group, admins.place(), proposals, Extensions.NONE);

    assertThat(policy.check(judges.group, commit).actor()).isEqualTo(admin.inbox);
  }

  @Test
  void holdsNothingElse() throws Exception {
    found();
    var second = founder.device();
    for (var other :
        List.of(
            new Proposal.Add(second.keyPackage()),
            new Proposal.Remove(admins.place()),
            new Proposal.ExternalInit(new byte[32]))) {
      var proposals = migration(honest());
      proposals.add(other);
      refuses("holds a proposal of type " + other.type(), claim(founders, proposals));
    }
  }

  @Test
  void writesNothingTwice() throws Exception {
    found();
    var proposals = migration(honest());
    proposals.add(DictionaryLab.update(Component.NAME, DictionaryLab.text("before")));
    refuses("writes component 8004 twice", claim(founders, proposals));
  }

  @Test
  void holdsOneList() throws Exception {
    found();
    var proposals = migration(honest());
    proposals.add(bare());
    refuses("holds 2 lists", claim(founders, proposals));
  }

  @ParameterizedTest
  @ValueSource(ints = {0xF000, 0xFF00, 0xFF01, 0xFF02})
  void requiresNothingOfWhatItDrops(int type) throws Exception {
    found();
    var proposals = new ArrayList<Proposal>();
    proposals.add(
        new Proposal.GroupContextExtensions(
            DictionaryLab.bare(judges.group.contextExtensions())
                .withLast(
                    DictionaryLab.requiring(0x000A, 0x0001, Extension.APP_DATA_DICTIONARY, type))));
    proposals.addAll(DictionaryLab.proposals(honest()));
    refuses("still requires", claim(founders, proposals));
  }

  /** Then it is no migration, and its updates are nobody's to make. */
  @Test
  void dropsAllThatItReplaces() throws Exception {
    found();
    var legacy = judges.group.contextExtensions();
    var proposals = new ArrayList<Proposal>();
    proposals.add(new Proposal.GroupContextExtensions(legacy));
    proposals.addAll(DictionaryLab.proposals(honest()));
    var committed = new ArrayList<CommittedProposal>();
    for (var proposal : proposals) {
      committed.add(new CommittedProposal(proposal, founders.place(), false));
    }
    refuses(
        "type 8 is not allowed",
        ClaimedCommit.of(judges.group, founders.place(), committed, legacy));
  }

  /** Else a member could bring words of its own into the group, under an extension unheard of. */
  @Test
  void isTheOnlyWayToADictionary() throws Exception {
    found();
    var sneaked =
        judges.group.contextExtensions().withLast(DictionaryLab.context(honest()).list().get(1));
    var list =
        new CommittedProposal(
            new Proposal.GroupContextExtensions(sneaked), founders.place(), false);
    refuses(
        "writes a dictionary that is no migration",
        ClaimedCommit.of(judges.group, founders.place(), List.of(list), sneaked));
  }

  /** Whoever has founded the group could have laid super admins of its own in there. */
  @Test
  void findsNoDictionary() throws Exception {
    var laid =
        Dictionary.EMPTY.apply(
            List.of(TestUpdate.of(Component.APP_DATA, DictionaryLab.text("laid before"))));
    found(
        new Extension(Extension.APP_DATA_DICTIONARY, laid.toOctets()),
        DictionaryLab.requiring(
            0xFF01, 0xFF00, 0xFF02, 0xF000, 0x000A, 0x0001, Extension.APP_DATA_DICTIONARY));
    refuses("there already", honest());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Component.REGISTRY,
        Component.SUPER_ADMINS,
        Component.ADMINS,
        Component.MEMBERSHIP,
        Component.NAME,
        Component.CREATOR,
        Component.CONVERSATION_TYPE
      })
  void leavesNothingOut(int component) throws Exception {
    found();
    var rule = component == Component.REGISTRY ? "lacks extension" : "11.5";
    refuses(rule, without(honest(), component));
  }

  @Test
  void removesNothing() throws Exception {
    found();
    var proposals = migration(without(honest(), Component.NAME));
    proposals.add(DictionaryLab.remove(Component.NAME));
    refuses("does not write component 8004", claim(founders, proposals));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Component.DESCRIPTION,
        Component.DISAPPEAR_IN,
        Component.COMMIT_LOG_SIGNER,
        Component.DM_MEMBERS,
        Component.ONESHOT_MESSAGE,
        UNKNOWN
      })
  void bringsNothingNew(int component) throws Exception {
    found();
    refuses("was not there", with(honest(), component, new byte[8]));
  }

  @Test
  void changesNoWord() throws Exception {
    found();
    refuses("otherwise", with(honest(), Component.NAME, DictionaryLab.text("after")));
    refuses("otherwise", with(honest(), Component.CONVERSATION_TYPE, new byte[] {0, 0, 0, 2}));
    refuses("otherwise", with(honest(), Component.CREATOR, Dictionary.ofInbox(admin.inbox)));
  }

  @Test
  void appointsNobody() throws Exception {
    found();
    refuses("otherwise", with(honest(), Component.ADMINS, DictionaryLab.appoint(admin, judge)));
    refuses("otherwise", with(honest(), Component.ADMINS, DictionaryLab.appoint()));
    refuses(
        "otherwise", with(honest(), Component.SUPER_ADMINS, DictionaryLab.appoint(founder, admin)));
  }

  /** To the octet: sorted, each once. */
  @Test
  void namesAdminsInTheirOrder() throws Exception {
    found(CommitLab.mutable(Map.of(), List.of(admin, judge), List.of(founder)));
    var updates =
        with(
            without(honest(), Component.NAME),
            Component.ADMINS,
            DictionaryLab.appoint(admin, judge));
    allows(updates);

    boolean rising = admin.inbox.compareTo(judge.inbox) < 0;
    var falling =
        new Delta()
            .insert(rising ? judge.inbox : admin.inbox)
            .insert(rising ? admin.inbox : judge.inbox);
    refuses("otherwise", with(updates, Component.ADMINS, falling.toOctets()));
  }

  @Test
  void bringsAllAttributes() throws Exception {
    var signer = "ab".repeat(32);
    found(
        named(
            Map.of(
                GroupMetadata.DESCRIPTION, "words",
                GroupMetadata.IMAGE, "https://example.org",
                GroupMetadata.APP_DATA, "",
                GroupMetadata.DISAPPEAR_FROM, "1",
                GroupMetadata.DISAPPEAR_IN, "-1000000000",
                GroupMetadata.MINIMUM_VERSION, "1.0.0",
                GroupMetadata.COMMIT_LOG_SIGNER, signer)));
    var updates = honest();
    updates.put(Component.DESCRIPTION, DictionaryLab.text("words"));
    updates.put(Component.IMAGE, DictionaryLab.text("https://example.org"));
    updates.put(Component.APP_DATA, new byte[0]);
    updates.put(Component.DISAPPEAR_FROM, new TlsWriter().uint64(1).toOctets());
    updates.put(Component.DISAPPEAR_IN, new TlsWriter().uint64(-1_000_000_000).toOctets());
    updates.put(Component.MINIMUM_VERSION, DictionaryLab.text("1.0.0"));
    updates.put(Component.COMMIT_LOG_SIGNER, HexFormat.of().parseHex(signer));

    allows(updates);

    refuses("otherwise", with(updates, Component.DISAPPEAR_IN, DictionaryLab.text("-1000000000")));
    refuses("otherwise", with(updates, Component.COMMIT_LOG_SIGNER, DictionaryLab.text(signer)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "", "1.5", "99999999999999999999", "١"})
  void isImpossibleWithALifetimeThatIsNoNumber(String lifetime) throws Exception {
    found(named(Map.of(GroupMetadata.DISAPPEAR_IN, lifetime)));
    refuses(
        "cannot be migrated",
        with(honest(), Component.DISAPPEAR_IN, new TlsWriter().uint64(0).toOctets()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no hex", "abcd"})
  void isImpossibleWithASignerThatIsNoKey(String signer) throws Exception {
    found(named(Map.of(GroupMetadata.COMMIT_LOG_SIGNER, signer)));
    refuses("cannot be migrated", with(honest(), Component.COMMIT_LOG_SIGNER, new byte[32]));
  }

  @Test
  void isImpossibleWithAnAdminThatIsNoInbox() throws Exception {
    found(
        new Extension(
            GroupMetadata.MUTABLE,
            GroupMutableMetadataV1.newBuilder()
                .putAttributes(GroupMetadata.NAME, "before")
                .setAdminList(Inboxes.newBuilder().addInboxIds("nobody"))
                .setSuperAdminList(Inboxes.newBuilder().addInboxIds(founder.inbox.toString()))
                .build()
                .toByteArray()));
    refuses("cannot be migrated", honest());
  }

  @Test
  void takesAnAdminInCapitalLetters() throws Exception {
    found(
        new Extension(
            GroupMetadata.MUTABLE,
            GroupMutableMetadataV1.newBuilder()
                .putAttributes(GroupMetadata.NAME, "before")
                .setAdminList(
                    Inboxes.newBuilder()
                        .addInboxIds(admin.inbox.toString())
                        .addInboxIds(admin.inbox.toString().toUpperCase(Locale.ROOT)))
                .setSuperAdminList(Inboxes.newBuilder().addInboxIds(founder.inbox.toString()))
                .build()
                .toByteArray()));
    allows(honest());
  }

  @Test
  void pausesWhereItDemandsAnotherVersion() throws Exception {
    found(named(Map.of(GroupMetadata.MINIMUM_VERSION, "99.0.0")));
    var updates = with(honest(), Component.MINIMUM_VERSION, DictionaryLab.text("99.0.0"));

    assertThat(allows(updates).demandedVersion()).contains("99.0.0");
    assertThat(allows(with(updates, UNKNOWN, new byte[1])).demandedVersion())
        .as("what is written may be in a form of that version")
        .contains("99.0.0");
    refuses("not proposed by a super admin", migration(admins, updates));
  }

  private Map<Integer, byte[]> registering(Map<Integer, byte[]> entries) {
    return with(honest(), Component.REGISTRY, DictionaryLab.register(entries));
  }

  @Test
  void bringsTheRegistryThatFollowsFromThePermissions() throws Exception {
    found();
    for (int component : DictionaryLab.registry().keySet()) {
      refuses(
          "a registry that does not follow",
          registering(without(DictionaryLab.registry(), component)));
    }
    refuses(
        "a registry that does not follow",
        registering(
            with(
                DictionaryLab.registry(),
                Component.MEMBERSHIP,
                DictionaryLab.entry(DictionaryLab.INBOX_MAP, 1, 1, 1))));
    refuses(
        "a registry that does not follow",
        registering(
            with(
                DictionaryLab.registry(),
                Component.NAME,
                DictionaryLab.entry(DictionaryLab.BYTES, 1, 1, 4))));
    refuses(
        "a registry that does not follow",
        registering(
            with(
                DictionaryLab.registry(),
                UNKNOWN,
                DictionaryLab.entry(DictionaryLab.BYTES, 1, 1, 1))));
  }

  @Test
  void registersNothingThatIsNotRecognised() throws Exception {
    found();
    refuses("cannot be read", registering(with(DictionaryLab.registry(), UNKNOWN, new byte[0])));
    refuses(
        "cannot be read",
        registering(
            with(
                DictionaryLab.registry(),
                0xFF00,
                DictionaryLab.entry(DictionaryLab.BYTES, 1, 1, 1))));
  }

  @Test
  void onlyInsertsIntoTheRegistry() throws Exception {
    found();
    var twice = new TestDelta();
    var changed = new TestDelta();
    DictionaryLab.registry()
        .forEach(
            (id, entry) -> {
              twice.insert(id, entry);
              changed.insert(id, entry);
            });
    var name = DictionaryLab.registry().get(Component.NAME);
    twice.insert(Component.NAME, name);
    changed.update(Component.NAME, name);

    refuses("cannot be read", with(honest(), Component.REGISTRY, twice.toOctets()));
    refuses("cannot be read", with(honest(), Component.REGISTRY, changed.toOctets()));
    refuses("cannot be read", with(honest(), Component.REGISTRY, new byte[] {1}));
  }

  /** The policy of a key stands in its entry as it was, whatever it is made of. */
  @Test
  void takesOverConditions() throws Exception {
    var any =
        MetadataPolicy.newBuilder()
            .setAnyCondition(
                MetadataPolicy.AnyCondition.newBuilder()
                    .addPolicies(MetadataPolicy.newBuilder().setBaseValue(3)))
            .build();
    found(permissions(set -> set.putUpdateMetadataPolicy(GroupMetadata.NAME, any)));
    var entry =
        ComponentMetadata.newBuilder()
            .setComponentTypeValue(DictionaryLab.STRING)
            .setPermissions(
                ComponentPermissions.newBuilder()
                    .setInsertPolicy(any)
                    .setUpdatePolicy(any)
                    .setDeletePolicy(MetadataPolicy.newBuilder().setBaseValue(4)))
            .build();

    allows(registering(with(DictionaryLab.registry(), Component.NAME, entry.toByteArray())));
  }

  private interface Change {
    void on(PolicySet.Builder set);
  }

  private static Extension permissions(Change change) throws Exception {
    var whole =
        GroupMutablePermissionsV1.parseFrom(CommitLab.permissions(1, 3, 1, 3, 3, 3).data())
            .toBuilder();
    change.on(whole.getPoliciesBuilder());
    return new Extension(GroupPermissions.TYPE, whole.build().toByteArray());
  }

  @Test
  void isImpossibleWithPermissionsThatNoRegistryCanHold() throws Exception {
    var allow = MetadataPolicy.newBuilder().setBaseValue(1).build();
    var nested =
        MembershipPolicy.newBuilder()
            .setAndCondition(
                MembershipPolicy.AndCondition.newBuilder()
                    .addPolicies(MembershipPolicy.newBuilder().setBaseValue(1)));
    for (Change change :
        List.<Change>of(
            set -> set.putUpdateMetadataPolicy("mood", allow),
            set -> set.putUpdateMetadataPolicy(GroupMetadata.COMMIT_LOG_SIGNER, allow),
            set -> set.getUpdatePermissionsPolicyBuilder().setBaseValue(2),
            set -> set.getAddAdminPolicyBuilder().setBaseValue(1),
            set -> set.getRemoveAdminPolicyBuilder().setBaseValue(1),
            set -> set.setAddMemberPolicy(nested),
            set -> set.setRemoveMemberPolicy(nested))) {
      found(permissions(change));
      refuses("cannot be migrated", honest());
    }
  }

  private Map<Integer, byte[]> joining(Delta delta) {
    return with(honest(), Component.MEMBERSHIP, delta.toOctets());
  }

  private Delta members(Map<Person, byte[]> entries) {
    var sorted = new TreeMap<InboxId, byte[]>();
    entries.forEach((person, entry) -> sorted.put(person.inbox, entry));
    var delta = new Delta();
    sorted.forEach(delta::insert);
    return delta;
  }

  private Map<Person, byte[]> entries() {
    var entries = new LinkedHashMap<Person, byte[]>();
    everybody().forEach((person, sequence) -> entries.put(person, DictionaryLab.member(sequence)));
    return entries;
  }

  @Test
  void bringsTheSameMembers() throws Exception {
    found();
    var missing = entries();
    missing.remove(judge);
    var more = entries();
    more.put(outsider, DictionaryLab.member(outsider.sequence()));
    var raised = entries();
    raised.put(judge, DictionaryLab.member(judge.sequence() + 1));
    for (var wrong : List.of(missing, more, raised)) {
      refuses("other members than there were", joining(members(wrong)));
    }
  }

  @Test
  void readsMembersOfOneVersionOnly() throws Exception {
    found();
    var wrong = entries();
    wrong.put(judge, GroupMembershipEntry.getDefaultInstance().toByteArray());
    refuses("a version unknown", joining(members(wrong)));
    wrong.put(judge, new byte[] {0x0a});
    refuses("cannot be read", joining(members(wrong)));
  }

  @Test
  void onlyInsertsMembers() throws Exception {
    found();
    var twice = members(entries()).insert(judge.inbox, DictionaryLab.member(judge.sequence()));
    refuses("cannot be read", joining(twice));
    refuses("cannot be read", joining(members(entries()).delete(judge.inbox)));
  }

  /** Which of them stand there is up to whoever migrates, as they may belong to nobody. */
  @Test
  void marksOnlyThoseAsFailedThatHad() throws Exception {
    var lost = judge.device();
    found(CommitLab.membership(everybody(), lost));
    var marked = entries();
    marked.put(judge, DictionaryLab.member(judge.sequence(), lost));

    allows(joining(members(marked)));
    allows(joining(members(entries())));

    marked.put(judge, DictionaryLab.member(judge.sequence(), lost, admins));
    refuses("as failed that had not", joining(members(marked)));
  }

  @Test
  void bringsTheTwoOfADm() throws Exception {
    found(
        CommitLab.immutable(
            ConversationType.CONVERSATION_TYPE_GROUP, founder.inbox, founder.inbox, judge.inbox));
    var updates =
        registering(
            with(
                DictionaryLab.registry(),
                Component.DM_MEMBERS,
                DictionaryLab.entry(DictionaryLab.INBOX_SET, 4, 2, 2)));
    updates.put(Component.DM_MEMBERS, DictionaryLab.appoint(founder, judge));

    allows(updates);

    refuses(
        "otherwise", with(updates, Component.DM_MEMBERS, DictionaryLab.appoint(founder, admin)));
    refuses("does not write component bffd", without(updates, Component.DM_MEMBERS));
  }
}
