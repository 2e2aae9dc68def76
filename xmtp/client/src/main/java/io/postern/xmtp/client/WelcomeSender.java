package io.postern.xmtp.client;

import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
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
  private final WelcomeWrapper wrapper;

  WelcomeSender(Node node, SecureRandom random) {
    this.node = node;
    this.wrapper = new WelcomeWrapper(random);
  }

  /**
   * Sends one to each new installation; a repeat sends them again.
   *
   * @param commitSequence the commit's place in the group's log
   * @throws NodeException if that may be tried again; what the network refuses for good is logged
   */
  void send(LiveGroup group, PendingWelcome pending, long commitSequence) throws NodeException {
    var messages = wrapper.wrap(pending.welcome(), pending.recipients(), commitSequence);
    try {
      for (var request : requests(messages)) {
        node.sendWelcomes(request);
      }
      log.info("welcomes sent group={} count={}", group.key(), messages.size());
    } catch (NodeException failed) {
      if (failed.isRetryable()) {
        throw failed;
      }
      log.warn("network refused welcomes group={} reason={}", group.key(), failed.getMessage());
    }
  }

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
