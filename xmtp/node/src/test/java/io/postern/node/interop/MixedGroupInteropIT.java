package io.postern.node.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.node.LocalNode;
import io.postern.node.NodeSettings;
import io.postern.xmtp.client.XmtpException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our clients and official ones, old and new, in one group: they write, add and remove each other
 * and rename the group, several at once, while calls of ours get lost or are made twice, processes
 * of ours die, and official clients lag behind. In the end all have the same messages and the same
 * epoch, and each opens what each other says in it: so they share its key, which depends on
 * everything that was agreed upon, members above all. In which order lines that were written at
 * once are shown is each client's own affair: official ones go by clocks.
 *
 * <p>How many seeds says {@code postern.model.interop}, the first one {@code postern.model.seed}.
 */
class MixedGroupInteropIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int SEEDS = Integer.getInteger("postern.model.interop", 4);
  private static final long FIRST_SEED = Long.getLong("postern.model.seed", 1);
  private static final int STEPS = 15;

  /** What is done at the same time. */
  private static final int AT_ONCE = 3;

  @TempDir static Path folder;

  private static final List<OurMember> ours = new ArrayList<>();
  private static final List<OfficialMember> official = new ArrayList<>();
  private static final List<Peer> peers = new ArrayList<>();
  private static final ExecutorService threads = Executors.newCachedThreadPool();
  private static final Set<String> done = ConcurrentHashMap.newKeySet();
  private static LocalNode node;

  private final List<String> certain = Collections.synchronizedList(new ArrayList<>());
  private String group;
  private int lines;

  static Stream<Long> seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + SEEDS).boxed();
  }

  /** Clients are costly and groups are not: each seed has a group of its own. */
  @BeforeAll
  static void start() throws Exception {
    var settings = NodeSettings.of(new InetSocketAddress("127.0.0.1", 0), folder.resolve("node"));
    for (var sdk : Sdk.values()) {
      peers.add(Peer.start(sdk));
    }
    node = LocalNode.open(settings);
    var url = "http://127.0.0.1:" + node.port();
    for (var peer : peers) {
      official.add(new OfficialMember(PeerClient.create(peer, PeerClient.Options.at(url))));
      official.add(new OfficialMember(PeerClient.create(peer, PeerClient.Options.at(url))));
    }
    for (int i = 0; i < 3; i++) {
      ours.add(new OurMember(folder.resolve("our" + i), url, new SplittableRandom(i)));
    }
  }

  @AfterAll
  static void stop() {
    threads.shutdownNow();
    ours.forEach(OurMember::close);
    peers.forEach(Peer::close);
    if (node != null) {
      node.close();
      assertThat(done).as("what was done, not only tried").contains("add", "remove", "rename");
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void inTheEndAllAgree(long seed) throws Exception {
    System.out.println("postern.model.seed=" + seed);
    var random = new SplittableRandom(seed);
    ours.forEach(OurMember::heal);
    // One of each kind is never removed, and founds the group or is there from its beginning.
    var founder = official.get(random.nextInt(official.size()));
    var staying =
        new ArrayList<GroupMember>(List.of(founder, ours.get(random.nextInt(ours.size()))));
    var coming = new ArrayList<GroupMember>(official);
    coming.addAll(ours);
    coming.removeAll(staying);
    group = founder.client.group("seed " + seed, List.of(staying.get(1).inboxId()));
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              staying.get(1).catchUp(group);
              return staying.get(1).knows(group);
            });

    for (int step = 0; step < STEPS; step++) {
      var deeds = new ArrayList<Future<?>>();
      for (int i = 0; i < AT_ONCE; i++) {
        deeds.add(threads.submit(deed(founder, staying, coming, random)));
      }
      for (var deed : deeds) {
        deed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      mishap(random);
    }

    agree(founder, staying, coming);
  }

  /** Chosen now, done later: the choice depends on the seed alone. */
  private Callable<?> deed(
      OfficialMember founder,
      List<GroupMember> staying,
      List<GroupMember> coming,
      SplittableRandom random) {
    var other = coming.get(random.nextInt(coming.size()));
    return switch (random.nextInt(8)) {
      case 0 -> attempted("add", () -> founder.client.addMembers(group, List.of(other.inboxId())));
      case 1 ->
          attempted("remove", () -> founder.client.removeMembers(group, List.of(other.inboxId())));
      case 2 -> {
        var name = "name " + random.nextInt(1000);
        yield attempted(
            "rename",
            () -> founder.client.call("updateName", Map.of("conversation", group, "name", name)));
      }
      case 3, 4, 5 -> says(staying.get(random.nextInt(staying.size())), true);
      default -> says(other, false);
    };
  }

  private static Callable<?> attempted(String what, OfficialMember.Deed deed) {
    return () -> {
      boolean did = OfficialMember.attempt(deed);
      if (did) {
        done.add(what);
      }
      return did;
    };
  }

  /**
   * @param stays whether it is a member for sure
   */
  private Callable<?> says(GroupMember member, boolean stays) {
    var text = "line " + lines++ + " of " + member;
    return () -> {
      if (stays || member.knows(group)) {
        if (member.say(group, text) && stays) {
          certain.add(text);
        }
      } else {
        read(member);
      }
      return text;
    };
  }

  /** What cannot be read now is read later. */
  private void read(GroupMember member) throws Exception {
    try {
      member.catchUp(group);
    } catch (XmtpException | PeerException failed) {
      // Its way is bad, or the official client has been removed and says so.
    }
  }

  private static void mishap(SplittableRandom random) throws Exception {
    var all = new ArrayList<GroupMember>(ours);
    all.addAll(official);
    int kind = random.nextInt(4);
    var victim = all.get(random.nextInt(all.size()));
    if (random.nextBoolean()) {
      victim.suffer(kind);
    } else {
      victim.heal();
    }
  }

  /** The network is well again, and everybody reads, goes on, and says a last word. */
  private void agree(OfficialMember founder, List<GroupMember> staying, List<GroupMember> coming)
      throws Exception {
    var all = new ArrayList<>(staying);
    all.addAll(coming);
    all.forEach(GroupMember::heal);
    founder.catchUp(group);
    var inboxes = founder.client.members(group);
    var members = all.stream().filter(member -> inboxes.contains(member.inboxId())).toList();
    settle(members);
    for (var member : members) {
      var text = "the last of " + member.inboxId();
      await().atMost(PATIENCE).until(() -> member.say(group, text));
      certain.add(text);
      settle(members);
    }

    var first = founder.texts(group);
    assertThat(first).containsAll(certain).doesNotHaveDuplicates();
    for (var member : staying) {
      assertThat(member.texts(group))
          .as(member.inboxId())
          .containsExactlyInAnyOrderElementsOf(first);
    }
    for (var member : members) {
      assertThat(member.epoch(group)).as(member.inboxId()).isEqualTo(founder.epoch(group));
      assertThat(member.texts(group))
          .as(member.inboxId())
          .isSubsetOf(first)
          .doesNotHaveDuplicates()
          .containsAll(members.stream().map(m -> "the last of " + m.inboxId()).toList());
    }
  }

  /** Until nobody's reading makes anybody else do something. */
  private void settle(List<GroupMember> members) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              for (var member : members) {
                member.catchUp(group);
              }
              var epochs = new ArrayList<Long>();
              for (var member : members) {
                epochs.add(member.epoch(group));
              }
              return epochs.stream().distinct().count() == 1;
            });
  }
}
