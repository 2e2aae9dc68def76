package io.postern.xmtp.identity;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
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
    return foldNonEmpty(entries);
  }

  /**
   * The state right after the entry with this number.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_UPDATE} if there is no such entry
   *     here, or if the log is unusable
   */
  public AssociationState stateAt(long sequenceId) throws IdentityException {
    return foldNonEmpty(upTo(sequenceId));
  }

  /**
   * What a group must change when its note about this inbox moves from one entry to a later one.
   *
   * @throws IdentityException with {@link IdentityError#MISSING_UPDATE} if one of the entries is
   *     not here, or if the log is unusable
   */
  public AssociationStateDiff diff(long fromSequenceId, long toSequenceId)
      throws IdentityException {
    var before = stateAt(fromSequenceId);
    var between = upTo(toSequenceId).tailMap(fromSequenceId, false);
    return before.apply(between.values()).since(before);
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

  private TreeMap<Long, VerifiedIdentityUpdate> upTo(long sequenceId) throws IdentityException {
    if (!entries.containsKey(sequenceId)) {
      throw IdentityError.MISSING_UPDATE.with();
    }
    return new TreeMap<>(entries.headMap(sequenceId, true));
  }

  private static AssociationState foldNonEmpty(SortedMap<Long, VerifiedIdentityUpdate> log)
      throws IdentityException {
    if (log.isEmpty()) {
      throw IdentityError.MISSING_UPDATE.with();
    }
    return AssociationState.fold(log.values());
  }
}
