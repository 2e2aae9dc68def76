package io.postern.xmtp.client;

import io.postern.xmtp.identity.AssociationState;
import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.IdentityException;
import io.postern.xmtp.identity.IdentityUpdate;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.identity.VerifiedIdentityUpdate;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.Node.LoggedUpdate;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.store.ClientStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which installations speak for an inbox, at any point of its identity log. Logs never change, so
 * what was folded once is kept; the network is asked only for what is newer. Used by several
 * threads.
 */
final class Identities {
  private static final Logger log = LoggerFactory.getLogger(Identities.class);

  /** Folded states kept in memory. */
  private static final int CACHE = 20_000;

  /** Inboxes that are asked for in one go. */
  private static final int AT_ONCE = 50;

  /** How often a log is asked for that was forgotten again before it was read. */
  private static final int TRIES = 3;

  private final ClientStore store;
  private final Node node;
  private final Lock writing = new ReentrantLock();
  private final Map<At, Set<InstallationId>> folded = new Lru<>(CACHE);

  Identities(ClientStore store, Node node) {
    this.store = store;
    this.node = node;
  }

  private record At(InboxId inbox, long sequence) {}

  /**
   * Which installations must come into a group and which must go when its membership changes.
   *
   * @param added installation and the inboxes that list it: nothing keeps two from listing one
   */
  record InstallationDiff(Map<InstallationId, Set<InboxId>> added, Set<InstallationId> removed) {}

  /**
   * Fetches what is newer than we hold of these inboxes; answers the latest sequence id of each.
   */
  Map<InboxId, Long> refresh(Collection<InboxId> inboxes) throws NodeException {
    Map<InboxId, Long> known =
        store.jdbi().withHandle(handle -> store.identities().latest(handle, inboxes));
    var news = node.identityUpdates(known);
    if (news.values().stream().anyMatch(updates -> !updates.isEmpty())) {
      keep(known, news);
    }
    news.forEach(
        (inbox, updates) -> {
          if (!updates.isEmpty()) {
            known.put(inbox, updates.get(updates.size() - 1).sequenceId());
          }
        });
    return known;
  }

  /** A log has no holes: what comes after what was forgotten meanwhile is asked for again. */
  private void keep(Map<InboxId, Long> known, Map<InboxId, List<LoggedUpdate>> news) {
    writing.lock();
    try {
      store
          .jdbi()
          .useTransaction(
              handle -> {
                var held = store.identities().latest(handle, news.keySet());
                news.forEach(
                    (inbox, updates) -> {
                      if (held.get(inbox) >= known.getOrDefault(inbox, 0L)) {
                        updates.forEach(update -> store.identities().insert(handle, inbox, update));
                      }
                    });
              });
    } finally {
      writing.unlock();
    }
  }

  /** Those of these inboxes of which nothing is kept. */
  Set<InboxId> unknown(Collection<InboxId> inboxes) {
    var held = store.jdbi().withHandle(handle -> store.identities().latest(handle, inboxes));
    held.values().removeIf(sequence -> sequence > 0);
    return new HashSet<>(held.keySet());
  }

  /** Keeps no logs of these; who needs one after all asks for it again. */
  void forget(Set<InboxId> inboxes) {
    if (inboxes.isEmpty()) {
      return;
    }
    writing.lock();
    try {
      store.jdbi().useTransaction(handle -> store.identities().forget(handle, inboxes));
    } finally {
      writing.unlock();
    }
  }

  /**
   * Fetches at once what {@link #at} would fetch one by one. An inbox whose log cannot be had is
   * left to that call, so that it keeps nobody else waiting.
   *
   * @param wanted the number of the update up to which each log is needed
   */
  void fetch(Map<InboxId, Long> wanted) throws NodeException {
    var unknown = new HashMap<>(wanted);
    synchronized (folded) {
      unknown.entrySet().removeIf(e -> folded.containsKey(new At(e.getKey(), e.getValue())));
    }
    var held = store.jdbi().withHandle(h -> store.identities().latest(h, unknown.keySet()));
    unknown.entrySet().removeIf(e -> held.get(e.getKey()) >= e.getValue());
    if (unknown.isEmpty()) {
      return;
    }
    try {
      refresh(unknown.keySet());
    } catch (NodeException failed) {
      if (isOfTheService(failed)) {
        throw failed;
      }
      log.info("identity logs asked for one by one reason={}", failed.getMessage());
    }
  }

  private static boolean isOfTheService(NodeException failed) {
    return failed.isRetryable() || failed.kind() == NodeException.Kind.UNSUPPORTED;
  }

  /**
   * The installations of an inbox right after the update with this number.
   *
   * @throws MissingUpdateException if there is no such update even after asking, or the network
   *     hands out no log of this inbox
   * @throws GroupException if the log is unusable
   */
  Set<InstallationId> at(InboxId inbox, long sequence) throws GroupException, NodeException {
    if (sequence == 0) {
      throw new GroupException("3.1: sequence id 0 names no identity update");
    }
    var at = new At(inbox, sequence);
    synchronized (folded) {
      var known = folded.get(at);
      if (known != null) {
        return known;
      }
    }
    var installations = Set.copyOf(fold(node, inbox, upTo(inbox, sequence)).installations());
    synchronized (folded) {
      folded.put(at, installations);
    }
    return installations;
  }

  /** A log until this update; asked for if it is not here, or was forgotten meanwhile. */
  private List<LoggedUpdate> upTo(InboxId inbox, long sequence)
      throws MissingUpdateException, NodeException {
    var updates = stored(inbox, sequence);
    for (int i = 0; i < TRIES && lastOf(updates) != sequence; i++) {
      boolean isThere = fetch(inbox) >= sequence;
      updates = stored(inbox, sequence);
      if (!isThere) {
        break;
      }
    }
    if (lastOf(updates) != sequence) {
      throw new MissingUpdateException(
          "3.1: the inbox " + inbox + " has no identity update " + sequence);
    }
    return updates;
  }

  /**
   * Whoever makes a log of their own too large for an answer, say, would hold up everything that
   * names them: a log that is never handed out is as good as one that is late.
   */
  private long fetch(InboxId inbox) throws MissingUpdateException, NodeException {
    try {
      return refresh(List.of(inbox)).get(inbox);
    } catch (NodeException failed) {
      if (isOfTheService(failed)) {
        throw failed;
      }
      throw new MissingUpdateException(
          "3.1: the identity log of inbox " + inbox + " cannot be had: " + failed.getMessage());
    }
  }

  /** The installations of an inbox now; none if the network does not know the inbox. */
  Set<InstallationId> latest(InboxId inbox) throws GroupException, NodeException {
    long sequence = refresh(List.of(inbox)).get(inbox);
    return sequence == 0 ? Set.of() : at(inbox, sequence);
  }

  /**
   * How many installations each of these inboxes has, of those that have at least so many. One
   * whose log is unusable is left out: nobody can add to it.
   */
  Map<InboxId, Integer> installations(List<InboxId> inboxes, int atLeast) throws NodeException {
    var counts = new HashMap<InboxId, Integer>();
    for (int from = 0; from < inboxes.size(); from += AT_ONCE) {
      var chunk = inboxes.subList(from, Math.min(from + AT_ONCE, inboxes.size()));
      for (var latest : refresh(chunk).entrySet()) {
        try {
          int count = latest.getValue() == 0 ? 0 : at(latest.getKey(), latest.getValue()).size();
          if (count >= atLeast) {
            counts.put(latest.getKey(), count);
          }
        } catch (GroupException unusable) {
          log.debug("not counted inbox={} reason={}", latest.getKey(), unusable.getMessage());
        }
      }
    }
    return counts;
  }

  /** The whole association state of an inbox, after asking the network for news. */
  AssociationState state(InboxId inbox) throws GroupException, NodeException {
    long sequence = refresh(List.of(inbox)).get(inbox);
    return fold(node, inbox, sequence == 0 ? List.of() : upTo(inbox, sequence));
  }

  /** The installation diff of groups document 3.1. */
  InstallationDiff diff(GroupMembership before, GroupMembership after)
      throws GroupException, NodeException {
    var added = new HashMap<InstallationId, Set<InboxId>>();
    var removed = new HashSet<InstallationId>();
    var changed = new HashSet<>(before.added(after));
    changed.addAll(before.updated(after));
    var left = before.removed(after);
    fetchAll(before, after, changed, left);
    for (var inbox : changed) {
      var now = at(inbox, after.members().get(inbox));
      long from = before.members().getOrDefault(inbox, 0L);
      Set<InstallationId> then = from == 0 ? Set.of() : at(inbox, from);
      for (var installation : now) {
        if (!then.contains(installation)) {
          added.computeIfAbsent(installation, i -> new HashSet<>()).add(inbox);
        }
      }
      for (var installation : then) {
        if (!now.contains(installation)) {
          removed.add(installation);
        }
      }
    }
    for (var inbox : left) {
      long sequence = before.members().get(inbox);
      removed.addAll(sequence == 0 ? latest(inbox) : at(inbox, sequence));
    }
    return new InstallationDiff(added, removed);
  }

  /** What a diff needs to know, asked for at once. */
  private void fetchAll(
      GroupMembership before,
      GroupMembership after,
      Collection<InboxId> changed,
      Collection<InboxId> left)
      throws NodeException {
    var newest = new HashMap<>(before.members());
    newest.keySet().removeIf(inbox -> !changed.contains(inbox) && !left.contains(inbox));
    changed.forEach(
        inbox ->
            newest.merge(inbox, after.members().get(inbox), (then, now) -> Math.max(then, now)));
    fetch(newest);
  }

  private List<LoggedUpdate> stored(InboxId inbox, long upTo) {
    return store.jdbi().withHandle(handle -> store.identities().list(handle, inbox, upTo));
  }

  private static long lastOf(List<LoggedUpdate> updates) {
    return updates.isEmpty() ? 0 : updates.get(updates.size() - 1).sequenceId();
  }

  /** The state that a whole log, or the beginning of one, leads to. */
  static AssociationState fold(Node node, InboxId inbox, List<LoggedUpdate> updates)
      throws GroupException, NodeException {
    var verified = new ArrayList<VerifiedIdentityUpdate>();
    try {
      for (var update : updates) {
        verified.add(IdentityUpdate.fromWire(update.update()).verify(node::verify));
      }
      return AssociationState.fold(verified);
    } catch (IdentityException unusable) {
      log.warn("identity log is unusable inbox={} reason={}", inbox, unusable.getMessage());
      throw new GroupException("the identity log of inbox " + inbox + " is unusable", unusable);
    } catch (ContractWalletUnavailableException notNow) {
      throw new NodeException(
          NodeException.Kind.TROUBLED, notNow.getMessage(), Optional.empty(), notNow);
    }
  }
}
