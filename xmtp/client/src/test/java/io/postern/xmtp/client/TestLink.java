package io.postern.xmtp.client;

import io.postern.xmtp.identity.ContractWalletUnavailableException;
import io.postern.xmtp.identity.ContractWalletVerifier;
import io.postern.xmtp.identity.EthereumAddress;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.identity.InstallationId;
import io.postern.xmtp.network.Cursor;
import io.postern.xmtp.network.Cursor.Position;
import io.postern.xmtp.network.GroupEnvelope;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.Topic;
import io.postern.xmtp.network.WelcomeEnvelope;
import io.postern.xmtp.proto.associations.IdentityUpdate;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import io.postern.xmtp.proto.mls.api.WelcomeMessageInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One client's way to the {@link TestNetwork}; each call may come to grief by a plan. */
final class TestLink implements Node {
  /** What becomes of a call. */
  enum Fate {
    /** It succeeds. */
    WELL,
    /** The request does not arrive. */
    REQUEST_LOST,
    /** The request takes effect, its answer is lost. */
    REPLY_LOST,
    /** A query finds nothing yet; a call that changes something is made twice. */
    ODD,
    /** The network refuses for good. */
    REFUSED,
    /** What it answers cannot be judged: the chain of a contract wallet does not answer. */
    NO_CHAIN,
    /** The process dies before the request leaves. */
    CRASH_BEFORE,
    /** The process dies after the request has taken effect. */
    CRASH_AFTER
  }

  /** The process is dead: thrown through everything, caught by the test. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("the process died", null, false, false);
    }
  }

  /** The calls that were made, by name. */
  final List<String> calls = new ArrayList<>();

  private final TestNetwork network;
  private volatile Function<String, Fate> plan = method -> Fate.WELL;
  private volatile boolean dead;

  TestLink(TestNetwork network) {
    this.network = network;
  }

  /** Decides what becomes of the calls from now on, by the name of the method. */
  TestLink plan(Function<String, Fate> fates) {
    plan = fates;
    return this;
  }

  /** Nothing gets through any more. */
  void die() {
    dead = true;
  }

  boolean isDead() {
    return dead;
  }

  /** Everything succeeds from now on. */
  void heal() {
    plan = method -> Fate.WELL;
  }

  private interface Call<T> {
    T make() throws NodeException;
  }

  private <T> T call(String method, Optional<T> oddAnswer, Call<T> call) throws NodeException {
    if (dead) {
      throw new NodeException(NodeException.Kind.UNREACHABLE, "the process is dead");
    }
    synchronized (calls) {
      calls.add(method);
    }
    switch (plan.apply(method)) {
      case REQUEST_LOST -> throw lost(method);
      case REPLY_LOST -> {
        call.make();
        throw lost(method);
      }
      case ODD -> {
        if (oddAnswer.isPresent()) {
          return oddAnswer.get();
        }
        call.make();
      }
      case REFUSED -> throw new NodeException(NodeException.Kind.REFUSED, method + " is refused");
      case NO_CHAIN ->
          throw new NodeException(
              NodeException.Kind.TROUBLED,
              "the chain does not answer",
              Optional.empty(),
              new ContractWalletUnavailableException("the chain does not answer"));
      case CRASH_BEFORE -> {
        dead = true;
        throw new Crash();
      }
      case CRASH_AFTER -> {
        call.make();
        dead = true;
        throw new Crash();
      }
      default -> {}
    }
    return call.make();
  }

  private static NodeException lost(String method) {
    return new NodeException(NodeException.Kind.UNREACHABLE, method + " was lost");
  }

  @Override
  public Map<EthereumAddress, InboxId> inboxIds(Collection<EthereumAddress> addresses)
      throws NodeException {
    return call("inboxIds", Optional.empty(), () -> network.inboxIds(addresses));
  }

  @Override
  public Map<InboxId, List<LoggedUpdate>> identityUpdates(Map<InboxId, Long> after)
      throws NodeException {
    return call("identityUpdates", Optional.empty(), () -> network.identityUpdates(after));
  }

  @Override
  public void publish(IdentityUpdate update) throws NodeException {
    call("publish", Optional.empty(), () -> network.publish(update));
  }

  @Override
  public ContractWalletVerifier.Answer verify(ContractWalletVerifier.Question question)
      throws ContractWalletUnavailableException {
    throw new ContractWalletUnavailableException("there is no chain here");
  }

  @Override
  public void uploadKeyPackage(byte[] keyPackage) throws NodeException {
    call(
        "uploadKeyPackage",
        Optional.empty(),
        () -> {
          network.uploadKeyPackage(keyPackage);
          return 0;
        });
  }

  @Override
  public List<Optional<byte[]>> keyPackages(List<InstallationId> installations)
      throws NodeException {
    return call("keyPackages", Optional.empty(), () -> network.keyPackages(installations));
  }

  @Override
  public void sendGroupMessages(List<GroupMessageInput> messages) throws NodeException {
    call(
        "sendGroupMessages",
        Optional.empty(),
        () -> {
          network.send(messages);
          return 0;
        });
  }

  @Override
  public void sendWelcomes(List<WelcomeMessageInput> welcomes) throws NodeException {
    call(
        "sendWelcomes",
        Optional.empty(),
        () -> {
          network.sendWelcomes(welcomes);
          return 0;
        });
  }

  @Override
  public Page<GroupEnvelope> groupMessages(GroupId group, Cursor after) throws NodeException {
    return call(
        "groupMessages",
        Optional.of(new Page<>(List.of(), false)),
        () -> network.groupMessages(group, after));
  }

  @Override
  public Page<WelcomeEnvelope> welcomes(InstallationId recipient, Cursor after)
      throws NodeException {
    return call("welcomes", Optional.empty(), () -> network.welcomes(recipient, after));
  }

  @Override
  public Map<GroupId, Position> newest(Collection<GroupId> groups) throws NodeException {
    return call("newest", Optional.empty(), () -> network.newest(Set.copyOf(groups)));
  }

  @Override
  public Subscription subscribe(Map<Topic, Cursor> topics, Listener listener) {
    if (dead) {
      return () -> {};
    }
    return network.subscribe(topics, listener);
  }

  @Override
  public void close() {}
}
