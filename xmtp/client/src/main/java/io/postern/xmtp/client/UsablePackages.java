package io.postern.xmtp.client;

import io.postern.xmtp.client.KeyPackages.Usable;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key packages of others that the network has, of which those are answered that can be used.
 */
final class UsablePackages {
  private static final Logger log = LoggerFactory.getLogger(UsablePackages.class);

  /** Leaf indexes follow the order of the proposals; make it the same every time. */
  private static final Comparator<InstallationId> ORDER =
      Comparator.comparing(InstallationId::toString);

  private final Node node;
  private final InstantSource clock;

  UsablePackages(Node node, InstantSource clock) {
    this.node = node;
    this.clock = clock;
  }

  /** Which installations an inbox lists now; none if nobody knows it. */
  @FunctionalInterface
  interface Listing {
    Set<InstallationId> of(InboxId inbox) throws GroupException, NodeException;
  }

  /**
   * Fetches and verifies key packages; whose package is missing or bad is left out.
   *
   * @param wanted installation and the inboxes that list it
   */
  Map<InstallationId, Usable> usable(Map<InstallationId, Set<InboxId>> wanted)
      throws NodeException {
    var asked = wanted.keySet().stream().sorted(ORDER).toList();
    var usable = new LinkedHashMap<InstallationId, Usable>();
    if (asked.isEmpty()) {
      return usable;
    }
    var packages = node.keyPackages(asked);
    for (int i = 0; i < asked.size(); i++) {
      var installation = asked.get(i);
      var octets = packages.get(i);
      if (octets.isEmpty()) {
        log.info("no key package installation={}", installation);
        continue;
      }
      try {
        usable.put(
            installation,
            KeyPackages.verify(
                octets.get(), installation, wanted.get(installation), clock.instant()));
      } catch (GroupException unusable) {
        log.info(
            "key package not usable installation={} reason={}",
            installation,
            unusable.getMessage());
      }
    }
    return usable;
  }

  /** Whether an inbox can be reached: it has an identity and an installation with a key package. */
  boolean isReachable(InboxId inbox, Listing installations) throws NodeException {
    try {
      var wanted = new HashMap<InstallationId, Set<InboxId>>();
      installations.of(inbox).forEach(installation -> wanted.put(installation, Set.of(inbox)));
      return !usable(wanted).isEmpty();
    } catch (GroupException unusable) {
      log.info("inbox cannot be reached inbox={} reason={}", inbox, unusable.getMessage());
      return false;
    }
  }
}
