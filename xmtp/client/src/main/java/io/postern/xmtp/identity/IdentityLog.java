package io.postern.xmtp.identity;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** The entries of an inbox's identity log that are known here, in the network's order. */
public final class IdentityLog {
  private final TreeMap<Long, VerifiedIdentityUpdate> entries =
      new TreeMap<>(Long::compareUnsigned);

  /**
   * @param sequenceId the network's number for it, unsigned; rises within an inbox, with gaps
   * @param update the update
   */
  public record Entry(long sequenceId, VerifiedIdentityUpdate update) {}

  private IdentityLog() {}

  /** The order of delivery does not matter, and of entries with one number the first counts. */
  public static IdentityLog of(Collection<Entry> entries) {
    var log = new IdentityLog();
    entries.forEach(entry -> log.entries.putIfAbsent(entry.sequenceId(), entry.update()));
    return log;
  }

  /**
   * The state after all known entries.
   *
   * @throws IdentityException if there are none, or the log is unusable
   */
  public AssociationState state() throws IdentityException {
    if (entries.isEmpty()) {
      throw IdentityError.MISSING_UPDATE.with();
    }
    return AssociationState.fold(entries.values());
  }

  /**
   * The state right after the entry with this number.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_UPDATE} if there is no such entry
   *     here, or if the log is unusable
   */
  public AssociationState stateAt(long sequenceId) throws IdentityException {
    if (!entries.containsKey(sequenceId)) {
      throw IdentityError.MISSING_UPDATE.with();
    }
    return AssociationState.fold(entries.headMap(sequenceId, true).values());
  }

  /**
   * What a group must change when its note about this inbox moves from one entry to a later one.
   * Fetch the log up to the later one first: as with other clients, nothing is known to have
   * changed if no entry between both is here, be the later one missing or not.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_UPDATE} if the earlier entry is not
   *     here, or entries between both are but not the later one; or if the log is unusable
   */
  public AssociationStateDiff diff(long fromSequenceId, long toSequenceId)
      throws IdentityException {
    var before = stateAt(fromSequenceId);
    var between =
        Long.compareUnsigned(fromSequenceId, toSequenceId) < 0
            ? entries.subMap(fromSequenceId, false, toSequenceId, true)
            : new TreeMap<Long, VerifiedIdentityUpdate>();
    if (!between.isEmpty() && between.lastKey() != toSequenceId) {
      throw IdentityError.MISSING_UPDATE.with();
    }
    return before.apply(between.values()).since(before);
  }

  /**
   * What has changed since this entry.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_UPDATE} if the entry is not here,
   *     or if the log is unusable
   */
  public AssociationStateDiff diffToNewest(long fromSequenceId) throws IdentityException {
    var before = stateAt(fromSequenceId);
    return before.apply(entries.tailMap(fromSequenceId, false).values()).since(before);
  }

  /**
   * What a group must change when it takes in this inbox.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_UPDATE} if the entry is not here,
   *     or if the log is unusable
   */
  public AssociationStateDiff diffFromNothing(long toSequenceId) throws IdentityException {
    return stateAt(toSequenceId).sinceNothing();
  }

  /** The numbers of the known entries, ascending. */
  public List<Long> sequenceIds() {
    return List.copyOf(entries.keySet());
  }
}
