package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.group.ForgedCommit;
import io.postern.mls.group.Member;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.mls.tree.Extension;
import io.postern.mls.tree.Extensions;
import io.postern.mls.tree.LeafNode;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.CommitPolicy.Verdict;
import io.postern.xmtp.proto.mls.ConversationType;
import io.postern.xmtp.proto.mls.GroupMutableMetadataV1;
import io.postern.xmtp.store.TestDatabase;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each rule of groups document 7.3 and 7.4, broken by a malicious member, and kept by an honest.
 */
class CommitPolicyTest {
  private static final int ALLOW = 1;
  private static final int DENY = 2;
  private static final int ADMIN = 3;

  /** The numbers of policies about admins and permissions are shifted. */
  private static final int BY_ADMIN = 2;

  private static final int BY_SUPER_ADMIN = 3;

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = new CommitLab(network);
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

  private void found(Extension permissions, Map<String, String> attributes) throws Exception {
    lab.found(
        Extensions.of(
            CommitLab.immutable(ConversationType.CONVERSATION_TYPE_GROUP, founder.inbox),
            CommitLab.mutable(attributes, List.of(admin), List.of(founder)),
            CommitLab.membership(everybody()),
            permissions,
            KeyPackages.requiredCapabilities()),
        List.of(founders, admins, members, judges));
  }

  /** Everybody may add and write; admins remove; super admins appoint. */
  private void found() throws Exception {
    found(
        CommitLab.permissions(ALLOW, ADMIN, ALLOW, BY_SUPER_ADMIN, BY_SUPER_ADMIN, BY_SUPER_ADMIN),
        Map.of(GroupMetadata.NAME, "before"));
  }

  private void foundDm() throws Exception {
    lab.found(
        Extensions.of(
            CommitLab.immutable(
                ConversationType.CONVERSATION_TYPE_DM, founder.inbox, founder.inbox, judge.inbox),
            CommitLab.mutable(Map.of(), List.of(), List.of()),
            CommitLab.membership(Map.of(founder, founder.sequence(), judge, judge.sequence())),
            CommitLab.permissions(DENY, DENY, ALLOW, 1, 1, 1),
            KeyPackages.requiredCapabilities()),
        List.of(founders, judges));
  }

  private Map<Person, Long> everybody() {
    var all = new LinkedHashMap<Person, Long>();
    for (var person : List.of(founder, admin, member, judge)) {
      all.put(person, person.sequence());
    }
    return all;
  }

  private Map<Person, Long> everybodyAnd(Person person, long sequence) {
    var all = everybody();
    all.put(person, sequence);
    return all;
  }

  private Map<Person, Long> everybodyBut(Person person) {
    var all = everybody();
    all.remove(person);
    return all;
  }

  private Proposal context(Device actor, Extension... changed) {
    var extensions = actor.group.contextExtensions();
    for (var extension : changed) {
      extensions = extensions.withLast(extension);
    }
    return new Proposal.GroupContextExtensions(extensions);
  }

  private Proposal contextWithout(Device actor, int type) {
    return new Proposal.GroupContextExtensions(actor.group.contextExtensions().without(type));
  }

  private static Proposal add(Device device) throws Exception {
    return new Proposal.Add(device.keyPackage());
  }

  private static Proposal remove(Device device) {
    return new Proposal.Remove(device.place());
  }

  private void refuses(String rule, Device actor, Proposal... proposals) throws Exception {
    var commit = actor.group.commit(List.of(proposals));
    var staged = judges.stage(commit);
    long epoch = judges.group.epoch();
    var authenticator = judges.group.epochAuthenticator();

    assertThatThrownBy(() -> policy.check(judges.group, staged))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining(rule);

    staged.drop();
    assertThat(judges.group.epoch()).isEqualTo(epoch);
    assertThat(judges.group.epochAuthenticator()).isEqualTo(authenticator);
    var honest = founders.group.commit(List.of());
    judges.merge(honest); // The refused commit has left nothing behind.
    assertThat(judges.group.epoch()).isEqualTo(epoch + 1);
  }

  /** Without this a member could become somebody else, and speak in their name. */
  @Test
  void aLeafKeepsItsOwner() throws Exception {
    found();
    var own = members.group.ownLeaf();
    var ofAnotherInbox = leaf(members.signer(), outsider);
    var ofAnotherKey = leaf(outsiders.signer(), member);

    for (var stolen : List.of(ofAnotherInbox, ofAnotherKey)) {
      var byPath = ForgedCommit.with(staged(members), stolen, List.of());
      assertThatThrownBy(() -> policy.check(judges.group, byPath))
          .isInstanceOf(GroupException.class)
          .hasMessageContaining("another owner");
      var admin = admins.group.ownLeaf();
      var byUpdate =
          ForgedCommit.with(staged(admins), admin, List.of(new Member(members.place(), stolen)));
      assertThatThrownBy(() -> policy.check(judges.group, byUpdate))
          .isInstanceOf(GroupException.class)
          .hasMessageContaining(
              stolen == ofAnotherKey ? "no installation of its inbox" : "another owner");
    }
    var honest = ForgedCommit.with(staged(members), own, List.of());
    assertThat(policy.check(judges.group, honest).actor()).isEqualTo(member.inbox);
  }

  private StagedCommit staged(Device committer) throws Exception {
    return judges.stage(committer.group.commit(List.of()));
  }

  private static LeafNode leaf(SignatureKeyPair signer, Person claimed) {
    return LeafNode.forKeyPackage(
        KeyPackages.SUITE,
        signer,
        KeyPackages.SUITE.kem().generateKeyPair(new SecureRandom()).publicKey(),
        Leaves.credential(claimed.inbox),
        KeyPackages.creatorCapabilities(),
        KeyPackages.lifetime(CommitLab.NOW),
        Extensions.NONE);
  }

  private Verdict allows(Device actor, Proposal... proposals) throws Exception {
    var commit = actor.group.commit(List.of(proposals));
    var staged = judges.stage(commit);

    var verdict = policy.check(judges.group, staged);

    judges.group.merge(staged);
    assertThat(verdict.actor()).isEqualTo(actor.owner.inbox);
    return verdict;
  }

  @Nested
  class TheContext {
    @Test
    void mayNotLoseItsImmutablePart() throws Exception {
      found();
      refuses("lacks extension 0xf000", founders, contextWithout(founders, 0xF000));
    }

    @Test
    void mayNotChangeItsImmutablePart() throws Exception {
      found();
      refuses(
          "changes the immutable metadata",
          founders,
          context(
              founders,
              CommitLab.immutable(ConversationType.CONVERSATION_TYPE_GROUP, member.inbox)));
    }

    @Test
    void mayNotLoseItsMetadata() throws Exception {
      found();
      refuses("lacks extension 0xff00", founders, contextWithout(founders, 0xFF00));
    }

    @Test
    void mayNotLoseItsPermissions() throws Exception {
      found();
      refuses("lacks extension 0xff02", founders, contextWithout(founders, 0xFF02));
    }

    @Test
    void mayNotHavePermissionsThatNobodyCanRead() throws Exception {
      found();
      refuses(
          "a policy that we do not know",
          founders,
          context(founders, CommitLab.permissions(9, 3, 1, 3, 3, 3)));
    }

    @Test
    void mustBeReadableBeforeTheCommitToo() throws Exception {
      found(CommitLab.permissions(0, 3, 1, 3, 3, 3), Map.of());
      refuses("a policy that we do not know", founders);
    }

    /** Others take such a list; to refuse it would leave us behind. */
    @Test
    void anOddEntryAmongTheAdminsChangesNothing() throws Exception {
      found();
      var odd =
          io.postern.xmtp.proto.mls.Inboxes.newBuilder()
              .addInboxIds("no inbox")
              .addInboxIds(admin.inbox.toString());
      var metadata =
          GroupMutableMetadataV1.newBuilder()
              .putAttributes(GroupMetadata.NAME, "before")
              .setAdminList(odd)
              .setSuperAdminList(
                  io.postern.xmtp.proto.mls.Inboxes.newBuilder()
                      .addInboxIds("")
                      .addInboxIds(founder.inbox.toString()))
              .build();

      var verdict =
          allows(
              founders,
              context(founders, new Extension(GroupMetadata.MUTABLE, metadata.toByteArray())));

      assertThat(Transcript.of(verdict)).isPresent();
      assertThat(verdict.after().isAdmin(admin.inbox)).isTrue();
      assertThat(verdict.after().isAdmin(member.inbox)).isFalse();
      assertThat(verdict.after().isSuperAdmin(founder.inbox)).isTrue();
    }

    /** What is no migration is no form that anybody knows. */
    @Test
    void mayNotLoseItsMembership() throws Exception {
      found();
      refuses("lacks extension 0xff01", founders, contextWithout(founders, 0xFF01));

      foundDm();
      refuses("lacks extension 0xff01", founders, contextWithout(founders, 0xFF01));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
      "group_name, 100",
      "description, 1000",
      "group_image_url_square, 2048",
      "app_data, 8192"
    })
    void holdsTextsOfALimitedLength(String key, int limit) throws Exception {
      found();
      allows(founders, context(founders, attribute(key, "x".repeat(limit))));
      found();
      refuses("too long", founders, context(founders, attribute(key, "x".repeat(limit + 1))));
    }

    @Test
    void countsTheOctetsOfATextNotItsLetters() throws Exception {
      found();
      refuses("too long", founders, context(founders, attribute("group_name", "ä".repeat(51))));
    }
  }

  private Extension attribute(String key, String value) {
    var attributes = new HashMap<>(Map.of(GroupMetadata.NAME, "before"));
    attributes.put(key, value);
    return CommitLab.mutable(attributes, List.of(admin), List.of(founder));
  }

  @Nested
  class Installations {
    @Test
    void comeInWhenTheirInboxListsThem() throws Exception {
      found();
      var second = member.device();

      var verdict = allows(admins, context(admins, CommitLab.membership(everybody())), add(second));

      assertThat(verdict.addedInboxes()).isEmpty();
    }

    @Test
    void doNotComeInWhenNoInboxListsThem() throws Exception {
      found();
      refuses("step 11: an installation is added", founders, add(outsiders));
    }

    @Test
    void doNotComeInBeforeTheNumberOfTheirInboxIsRaised() throws Exception {
      found();
      refuses("step 11: an installation is added", founders, add(member.device()));
    }

    @Test
    void doNotComeInUnderAnotherName() throws Exception {
      found();
      var second = member.device();
      refuses(
          "under another inbox's name",
          admins,
          context(admins, CommitLab.membership(everybody())),
          new Proposal.Add(second.keyPackageAs(admin.inbox)));
    }

    /** Nothing keeps two inboxes from listing one device; it has one leaf, in either's name. */
    @ParameterizedTest(name = "under its {0} inbox")
    @ValueSource(ints = {1, 2})
    void ofTwoInboxesComeInUnderEither(int which) throws Exception {
      var second = lab.person();
      var shared = second.list(outsiders);
      found();
      var membership = everybodyAnd(outsider, outsider.sequence());
      membership.put(second, second.sequence());
      var claimed = which == 1 ? outsider : second;

      var verdict =
          allows(
              members,
              context(members, CommitLab.membership(membership)),
              new Proposal.Add(shared.keyPackageAs(claimed.inbox)));

      assertThat(verdict.addedInboxes()).containsExactlyInAnyOrder(outsider.inbox, second.inbox);
    }

    @Test
    void ofTwoInboxesDoNotComeInUnderAThirdName() throws Exception {
      var second = lab.person();
      var shared = second.list(outsiders);
      found();
      var membership = everybodyAnd(outsider, outsider.sequence());
      membership.put(second, second.sequence());

      refuses(
          "under another inbox's name",
          members,
          context(members, CommitLab.membership(membership)),
          new Proposal.Add(shared.keyPackageAs(admin.inbox)));
    }

    @Test
    void mayStayOutThoughTheirInboxListsThem() throws Exception {
      found();
      member.device();
      allows(admins, context(admins, CommitLab.membership(everybody())));
    }

    @Test
    void doNotChangeWithAnUpdateThatIsNotAboutThem() throws Exception {
      found();
      member.stir();
      allows(admins, context(admins, CommitLab.membership(everybody())));
    }

    @Test
    void goWhenTheirInboxRevokesThem() throws Exception {
      var lost = member.device();
      found();
      lab.found(
          founders.group.contextExtensions(), List.of(founders, admins, members, judges, lost));
      member.revoke(lost);
      refuses(
          "step 11: the removed installations",
          admins,
          context(admins, CommitLab.membership(everybody())));
    }

    @Test
    void goWithTheRaisedNumber() throws Exception {
      var lost = member.device();
      found();
      lab.found(
          founders.group.contextExtensions(), List.of(founders, admins, members, judges, lost));
      member.revoke(lost);
      allows(
          admins,
          context(admins, CommitLab.membership(everybody())),
          new Proposal.Remove(lost.place()));
    }

    @Test
    void areNotMissedWhenTheyHadFailed() throws Exception {
      var lost = member.device();
      found();
      member.revoke(lost);
      allows(admins, context(admins, CommitLab.membership(everybody(), lost)));
    }

    @Test
    void areNotPutOutByOthers() throws Exception {
      found();
      refuses("step 11: the removed installations", admins, remove(members));
    }

    @Test
    void arePutOutAndBroughtBackByASuperAdmin() throws Exception {
      found();
      allows(founders, remove(members), add(members));
      found();
      refuses("step 11: the removed installations", admins, remove(members), add(members));
    }

    @Test
    void areNotBroughtBackUnderAnotherName() throws Exception {
      found();
      refuses(
          "under another inbox's name",
          founders,
          remove(members),
          new Proposal.Add(members.keyPackageAs(founder.inbox)));
    }

    @Test
    void arePutOutAsFailedByASuperAdminOnly() throws Exception {
      found();
      allows(
          founders, context(founders, CommitLab.membership(everybody(), members)), remove(members));
      found();
      refuses(
          "step 11: the removed installations",
          admins,
          context(admins, CommitLab.membership(everybody(), members)),
          remove(members));
    }
  }

  @Nested
  class Inboxes {
    @Test
    void keepOrRaiseTheirNumbers() throws Exception {
      long earlier = member.sequence();
      member.stir();
      found();
      refuses(
          "step 8",
          founders,
          context(founders, CommitLab.membership(everybodyAnd(member, earlier))));
    }

    @Test
    void doNotNameAnUpdateThatIsNotThere() throws Exception {
      found();
      var commit =
          founders.group.commit(
              List.of(context(founders, CommitLab.membership(everybodyAnd(member, 999_999L)))));

      assertThatThrownBy(() -> policy.check(judges.group, judges.stage(commit)))
          .isInstanceOf(MissingUpdateException.class);
    }

    @Test
    void doNotComeInAtNumberZero() throws Exception {
      found();
      refuses(
          "sequence id 0",
          founders,
          context(founders, CommitLab.membership(everybodyAnd(outsider, 0))),
          add(outsiders));
    }

    @Test
    void doNotCommitThemselvesAway() throws Exception {
      found();
      refuses(
          "step 12: the committer's inbox",
          admins,
          context(admins, CommitLab.membership(everybodyBut(admin), admins)));
    }

    @Test
    void doNotCommitWithADeviceTheyHaveRevoked() throws Exception {
      found();
      admin.revoke(admins);
      refuses(
          "step 12: the committer is no installation",
          admins,
          context(admins, CommitLab.membership(everybody(), admins)));
    }
  }

  @Nested
  class Rule1Adding {
    private final int[] closed = {ADMIN, ADMIN, ALLOW, BY_SUPER_ADMIN, BY_SUPER_ADMIN, 3};

    private Proposal[] outsider(Device actor) throws Exception {
      return new Proposal[] {
        context(actor, CommitLab.membership(everybodyAnd(outsider, outsider.sequence()))),
        add(outsiders)
      };
    }

    @Test
    void isForThoseWhomThePolicyNames() throws Exception {
      found(permissions(closed), Map.of());
      var verdict = allows(admins, outsider(admins));
      assertThat(verdict.addedInboxes()).containsExactly(outsider.inbox);
    }

    @Test
    void isNotForOthers() throws Exception {
      found(permissions(closed), Map.of());
      refuses("rule 1", members, outsider(members));
    }

    @Test
    void isForEverybodyWhereThePolicySaysSo() throws Exception {
      found();
      allows(members, outsider(members));
    }

    @Test
    void neverBringsAThirdIntoADm() throws Exception {
      foundDm();
      refuses(
          "rule 1",
          founders,
          context(
              founders,
              CommitLab.membership(
                  Map.of(
                      founder, founder.sequence(),
                      judge, judge.sequence(),
                      outsider, outsider.sequence()))),
          add(outsiders));
    }

    /** Each may bring the other; nobody comes in by themselves. */
    @Test
    void letsNobodyBringThemselvesIntoADm() throws Exception {
      var watching = founder.device();
      lab.found(
          Extensions.of(
              CommitLab.immutable(
                  ConversationType.CONVERSATION_TYPE_DM,
                  founder.inbox,
                  founder.inbox,
                  member.inbox),
              CommitLab.mutable(Map.of(), List.of(), List.of()),
              CommitLab.membership(Map.of(founder, founder.sequence())),
              CommitLab.permissions(DENY, DENY, ALLOW, 1, 1, 1),
              KeyPackages.requiredCapabilities()),
          List.of(founders, members, watching));
      judges = watching;

      refuses(
          "rule 1",
          members,
          context(
              members,
              CommitLab.membership(
                  Map.of(founder, founder.sequence(), member, member.sequence()))));
    }

    @Test
    void bringsTheOtherSideIntoADm() throws Exception {
      // The judge is a second device of the founder, which sees the peer come in.
      var watching = founder.device();
      lab.found(
          Extensions.of(
              CommitLab.immutable(
                  ConversationType.CONVERSATION_TYPE_DM,
                  founder.inbox,
                  founder.inbox,
                  outsider.inbox),
              CommitLab.mutable(Map.of(), List.of(), List.of()),
              CommitLab.membership(Map.of(founder, founder.sequence())),
              CommitLab.permissions(DENY, DENY, ALLOW, 1, 1, 1),
              KeyPackages.requiredCapabilities()),
          List.of(founders, watching));
      judges = watching;

      allows(
          founders,
          context(
              founders,
              CommitLab.membership(
                  Map.of(founder, founder.sequence(), outsider, outsider.sequence()))),
          add(outsiders));
    }
  }

  private static Extension permissions(int[] p) {
    return CommitLab.permissions(p[0], p[1], p[2], p[3], p[4], p[5]);
  }

  @Nested
  class Rule2Removing {
    private Proposal[] without(Person person, Device device, Device actor) {
      return new Proposal[] {
        context(actor, CommitLab.membership(everybodyBut(person))), remove(device)
      };
    }

    @Test
    void isForThoseWhomThePolicyNames() throws Exception {
      found();
      var verdict = allows(admins, without(member, members, admins));
      assertThat(verdict.removedInboxes()).containsExactly(member.inbox);
    }

    @Test
    void isNotForOthers() throws Exception {
      found();
      refuses("rule 2: the committer", members, without(admin, admins, members));
    }

    @Test
    void neverHitsASuperAdmin() throws Exception {
      found();
      refuses("rule 2: a super admin", admins, without(founder, founders, admins));
    }

    @Test
    void neverEmptiesADm() throws Exception {
      var watching = founder.device();
      lab.found(
          Extensions.of(
              CommitLab.immutable(
                  ConversationType.CONVERSATION_TYPE_DM, founder.inbox, founder.inbox, judge.inbox),
              CommitLab.mutable(Map.of(), List.of(), List.of()),
              CommitLab.membership(Map.of(founder, founder.sequence(), judge, judge.sequence())),
              CommitLab.permissions(DENY, DENY, ALLOW, 1, 1, 1),
              KeyPackages.requiredCapabilities()),
          List.of(founders, watching, judges));
      var peer = judges;
      judges = watching;
      refuses(
          "rule 2",
          founders,
          context(founders, CommitLab.membership(Map.of(founder, founder.sequence()))),
          remove(peer));
    }
  }

  @Nested
  class Rule3Metadata {
    private final int[] byAdmins = {ALLOW, ADMIN, ADMIN, BY_SUPER_ADMIN, BY_SUPER_ADMIN, 3};

    @Test
    void isWrittenByThoseWhomThePolicyNames() throws Exception {
      found(permissions(byAdmins), Map.of(GroupMetadata.NAME, "before"));
      allows(admins, context(admins, attribute(GroupMetadata.NAME, "after")));
      found(permissions(byAdmins), Map.of(GroupMetadata.NAME, "before"));
      refuses("rule 3", members, context(members, attribute(GroupMetadata.NAME, "after")));
    }

    @Test
    void withoutAPolicyIsWrittenByAdmins() throws Exception {
      found();
      allows(admins, context(admins, attribute("color", "red")));
      found();
      refuses("rule 3", members, context(members, attribute("color", "red")));
    }

    @Test
    void thatBeginsWithAnUnderscoreIsWrittenBySuperAdmins() throws Exception {
      found();
      allows(founders, context(founders, attribute("_secret", "1")));
      found();
      refuses("rule 3", admins, context(admins, attribute("_secret", "1")));
    }

    @Test
    void isNotTakenAwayByOthersEither() throws Exception {
      found(permissions(byAdmins), Map.of(GroupMetadata.NAME, "before"));
      refuses(
          "rule 3",
          members,
          context(members, CommitLab.mutable(Map.of(), List.of(admin), List.of(founder))));
    }
  }

  private Proposal roles(Device actor, List<Person> admins, List<Person> supers) {
    return context(actor, CommitLab.mutable(Map.of(GroupMetadata.NAME, "before"), admins, supers));
  }

  @Nested
  class Rules4To8Roles {
    @Test
    void adminsAreAppointedByThoseWhomThePolicyNames() throws Exception {
      found();
      allows(founders, roles(founders, List.of(admin, member), List.of(founder)));
      found();
      refuses("rule 4", admins, roles(admins, List.of(admin, member), List.of(founder)));
    }

    @Test
    void adminsAreDismissedByThoseWhomThePolicyNames() throws Exception {
      found();
      allows(founders, roles(founders, List.of(), List.of(founder)));
      found();
      refuses("rule 5", members, roles(members, List.of(), List.of(founder)));
    }

    @Test
    void adminsMayAppointWhereThePolicySaysSo() throws Exception {
      found(
          CommitLab.permissions(ALLOW, ADMIN, ALLOW, BY_ADMIN, BY_ADMIN, BY_SUPER_ADMIN),
          Map.of(GroupMetadata.NAME, "before"));
      allows(admins, roles(admins, List.of(member), List.of(founder)));
    }

    @Test
    void superAdminsAreAppointedBySuperAdminsOnly() throws Exception {
      found();
      allows(founders, roles(founders, List.of(admin), List.of(founder, admin)));
      found();
      refuses("rule 6", admins, roles(admins, List.of(admin), List.of(founder, admin)));
    }

    @Test
    void superAdminsAreDismissedBySuperAdminsOnly() throws Exception {
      found();
      refuses("rule 7", admins, roles(admins, List.of(admin), List.of()));
    }

    @Test
    void theLastSuperAdminStays() throws Exception {
      found();
      refuses("rule 7", founders, roles(founders, List.of(admin), List.of()));
    }

    @Test
    void aSuperAdminMayHandOver() throws Exception {
      found();
      allows(founders, roles(founders, List.of(admin), List.of(member)));
    }

    @Test
    void permissionsAreChangedBySuperAdminsOnlyWhateverTheirPolicySays() throws Exception {
      var lax = CommitLab.permissions(ALLOW, ADMIN, ALLOW, BY_ADMIN, BY_ADMIN, BY_ADMIN);
      found(lax, Map.of());
      allows(founders, context(founders, CommitLab.permissions(2, 2, 2, 1, 1, 1)));
      found(lax, Map.of());
      refuses("rule 8", admins, context(admins, CommitLab.permissions(2, 2, 2, 1, 1, 1)));
    }

    @Test
    void aKeyUpdateIsForEverybody() throws Exception {
      found();
      assertThat(allows(members).demandedVersion()).isEmpty();
    }
  }

  @Nested
  class TheVersion {
    @ParameterizedTest(name = "{0} pauses: {1}")
    @CsvSource({
      "1.10.0, false",
      "1.11.0, false",
      "1.9.99, false",
      "1.11.0-dev, false",
      "1.11.0+build, true",
      "1.11.1-dev, true",
      "1.12.0, true",
      "2.0.0, true"
    })
    void thatIsDemandedPausesUsIfWeLackIt(String version, boolean pauses) throws Exception {
      found();

      var verdict =
          allows(founders, context(founders, attribute(GroupMetadata.MINIMUM_VERSION, version)));

      assertThat(verdict.demandedVersion().isPresent()).isEqualTo(pauses);
    }

    /** It may be as long as a message, and goes into the log. */
    @Test
    void thatIsDemandedIsToldInFewWords() throws Exception {
      found();
      var version = "99.1.2-" + "x".repeat(1 << 16);

      var verdict =
          allows(founders, context(founders, attribute(GroupMetadata.MINIMUM_VERSION, version)));

      assertThat(verdict.demandedVersion()).contains(version.substring(0, 64));
    }

    @ParameterizedTest
    @CsvSource({"''", "soon", "1.11", "1.11.0.0", "01.11.0", "v1.11.0", "1.11.0-", "1.11.0-a..b"})
    void thatIsNoneIsRefused(String version) throws Exception {
      found();
      refuses(
          "not a version",
          founders,
          context(founders, attribute(GroupMetadata.MINIMUM_VERSION, version)));
    }

    @Test
    void isDemandedOnlyByThoseWhoMay() throws Exception {
      found();
      refuses(
          "rule 3", members, context(members, attribute(GroupMetadata.MINIMUM_VERSION, "9.0.0")));
    }
  }

  @Test
  void listsEveryChangeThatPeopleSee() throws Exception {
    found();
    var proposals = new ArrayList<Proposal>();
    proposals.add(
        context(
            founders,
            CommitLab.membership(everybodyAnd(outsider, outsider.sequence())),
            CommitLab.mutable(
                Map.of(GroupMetadata.NAME, "after"), List.of(member), List.of(founder))));
    proposals.add(add(outsiders));

    var verdict = allows(founders, proposals.toArray(Proposal[]::new));
    var transcript = Transcript.of(verdict).orElseThrow();

    assertThat(transcript.toString())
        .contains(outsider.inbox.toString(), "after", member.inbox.toString());
  }
}
