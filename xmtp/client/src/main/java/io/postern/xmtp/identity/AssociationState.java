package io.postern.xmtp.identity;

import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who belongs to an inbox after some entries of its identity log. Every client that folds the same
 * entries must arrive at the same members. XIP-46.
 */
public final class AssociationState {
  private final InboxId inboxId;
  private final Identifier recovery;
  private final Map<MemberIdentifier, Member> members;
  private final Set<ByteString> seenSignatures;

  AssociationState(
      InboxId inboxId,
      Identifier recovery,
      Map<MemberIdentifier, Member> members,
      Set<ByteString> seenSignatures) {
    this.inboxId = inboxId;
    this.recovery = recovery;
    this.members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    this.seenSignatures = Collections.unmodifiableSet(new LinkedHashSet<>(seenSignatures));
  }

  /**
   * The state after a whole log.
   *
   * @param log in the order of the network's sequence ids
   * @throws IdentityException if one update breaks a rule: then the whole log is unusable, for
   *     every client
   */
  public static AssociationState fold(Collection<VerifiedIdentityUpdate> log)
      throws IdentityException {
    var fold = new AssociationFold();
    for (var update : log) {
      fold.apply(update);
    }
    return fold.state();
  }

  /**
   * Reads a state that was kept. Keep it only where nobody else can write: nothing in it proves
   * that it is true.
   *
   * @throws IdentityException if the message is no state
   */
  public static AssociationState fromWire(io.postern.xmtp.proto.associations.AssociationState wire)
      throws IdentityException {
    return AssociationStateWire.state(wire);
  }

  /** The wire message of it, to keep what it cost to find out. */
  public io.postern.xmtp.proto.associations.AssociationState toWire() {
    return AssociationStateWire.state(this);
  }

  /**
   * The state after one more update. This one stays as it is.
   *
   * @throws IdentityException if the update breaks a rule
   */
  public AssociationState apply(VerifiedIdentityUpdate update) throws IdentityException {
    return apply(List.of(update));
  }

  /**
   * The state after some more updates. This one stays as it is.
   *
   * @throws IdentityException if one update breaks a rule
   */
  public AssociationState apply(Collection<VerifiedIdentityUpdate> updates)
      throws IdentityException {
    var fold = new AssociationFold(this);
    for (var update : updates) {
      fold.apply(update);
    }
    return fold.state();
  }

  /** The inbox. */
  public InboxId inboxId() {
    return inboxId;
  }

  /**
   * Who can revoke members and hand over this power. Need not be a member, and may be text that is
   * nobody.
   */
  public Identifier recovery() {
    return recovery;
  }

  /** All members, by the time at which they were added; the creator last. */
  public List<Member> members() {
    return members.values().stream().sorted(Member.BY_TIME).toList();
  }

  /** What is known of this member; empty if it is none. */
  public Optional<Member> member(MemberIdentifier identifier) {
    return Optional.ofNullable(members.get(identifier));
  }

  /** Whether it belongs to the inbox now. */
  public boolean isMember(MemberIdentifier identifier) {
    return members.containsKey(identifier);
  }

  /** Whether this installation speaks for the inbox now. */
  public boolean isMember(InstallationId installation) {
    return isMember(installation.identifier());
  }

  /** The wallets and passkeys among the members, by time. */
  public List<Identifier> identifiers() {
    return members().stream()
        .map(Member::identifier)
        .filter(Identifier.class::isInstance)
        .map(Identifier.class::cast)
        .toList();
  }

  /** The installations among the members, by time. */
  public List<InstallationId> installations() {
    return members().stream()
        .map(Member::identifier)
        .filter(MemberIdentifier.Installation.class::isInstance)
        .map(MemberIdentifier.Installation.class::cast)
        .flatMap(installation -> installation.id().stream())
        .toList();
  }

  /** What changed since an earlier state. */
  public AssociationStateDiff since(AssociationState earlier) {
    return AssociationStateDiff.between(earlier.memberMap().keySet(), members.keySet());
  }

  /** All members as news. */
  public AssociationStateDiff sinceNothing() {
    return AssociationStateDiff.between(Set.of(), members.keySet());
  }

  Map<MemberIdentifier, Member> memberMap() {
    return members;
  }

  Set<ByteString> seenSignatures() {
    return seenSignatures;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AssociationState that
        && inboxId.equals(that.inboxId)
        && recovery.equals(that.recovery)
        && members.equals(that.members)
        && seenSignatures.equals(that.seenSignatures);
  }

  @Override
  public int hashCode() {
    return inboxId.hashCode() * 31 + members.hashCode();
  }

  @Override
  public String toString() {
    return "AssociationState(" + inboxId + ", " + members.size() + " members)";
  }
}
