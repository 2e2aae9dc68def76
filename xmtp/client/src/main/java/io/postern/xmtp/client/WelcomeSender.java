package io.postern.xmtp.client;

import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import io.postern.xmtp.store.GroupStore;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the welcomes of a commit of ours that the network has put in its place. */
final class WelcomeSender {
  private static final Logger log = LoggerFactory.getLogger(WelcomeSender.class);

  private static final int PER_REQUEST = 50;
  private static final int OCTETS_PER_REQUEST = 20 * 1024 * 1024;

  private final Node node;
  private final Alarms alarms;
  private final WelcomeWrapper wrapper;

  WelcomeSender(Node node, Alarms alarms, SecureRandom random) {
    this.node = node;
    this.alarms = alarms;
    this.wrapper = new WelcomeWrapper(random);
  }

  /**
   * Sends one to each new installation; a repeat sends them again.
   *
   * @param commitSequence the commit's place in the group's log
   * @return how many the network refuses for good
   * @throws NodeException if that may be tried again
   */
  int send(LiveGroup group, PendingWelcome pending, long commitSequence) throws NodeException {
    var messages = wrapper.wrap(pending.welcome(), pending.recipients(), commitSequence);
    int refused = 0;
    for (var request : requests(messages)) {
      refused += send(group, request);
    }
    log.info("welcomes sent group={} count={}", group.key(), messages.size() - refused);
    return refused;
  }

  /** One that is refused does not keep the others from theirs. */
  private int send(LiveGroup group, List<WelcomeMessageInput> request) throws NodeException {
    try {
      node.sendWelcomes(request);
      return 0;
    } catch (NodeException failed) {
      if (failed.isRetryable()) {
        throw failed;
      }
      if (request.size() == 1) {
        log.warn("network refused a welcome group={} reason={}", group.key(), failed.getMessage());
        return 1;
      }
      int refused = 0;
      for (var message : request) {
        refused += send(group, List.of(message));
      }
      return refused;
    }
  }

  /** They are members, and will never know. */
  void giveUp(LiveGroup group, int refused) {
    alarms.raise(
        new Refused(group.key()),
        refused
            + " devices are in group="
            + group.key()
            + " and cannot read: the network has refused their welcomes");
  }

  private record Refused(GroupStore.Key group) {}

  private static List<List<WelcomeMessageInput>> requests(List<WelcomeMessageInput> messages) {
    var requests = new ArrayList<List<WelcomeMessageInput>>();
    var current = new ArrayList<WelcomeMessageInput>();
    int octets = 0;
    for (var message : messages) {
      int size = message.getSerializedSize();
      if (current.size() >= PER_REQUEST || octets + size > OCTETS_PER_REQUEST) {
        requests.add(List.copyOf(current));
        current.clear();
        octets = 0;
      }
      current.add(message);
      octets += size;
    }
    if (!current.isEmpty()) {
      requests.add(current);
    }
    return requests;
  }
}
