package io.postern.mls.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.postern.mls.MlsException;
import io.postern.mls.MlsException.Failure;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.tree.LeafIndex;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A group of 2 to 20 members lives through random commits and messages. Everybody is saved and
 * restored at every step; after each, all agree, and nobody outside can follow.
 */
class GroupModelTest {
  private static final int STEPS = 40;
  private static final int MAX_MEMBERS = 20;

  static IntStream seeds() {
    return IntStream.range(0, 8);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void allMembersAgreeAfterEveryStep(int seed) throws MlsException {
    World world = new World(seed);
    for (int step = 0; step < STEPS; step++) {
      world.step();
    }
    assertThat(world.delivered).isGreaterThan(20);
  }

  private record InFlight(
      byte[] octets, byte[] content, int fromEpoch, String sender, Set<String> readers) {}

  private static final class World {
    private final Random random;
    private final Map<String, Client> clients = new HashMap<>();
    private final Map<String, MlsGroup> groups = new HashMap<>();
    private final List<InFlight> inFlight = new ArrayList<>();
    private int names;
    private int delivered;

    World(int seed) throws MlsException {
      random = new Random(seed);
      Client founder = newClient();
      groups.put(founder.name, founder.create());
      addSome(founder.name, 1 + random.nextInt(3));
    }

    private Client newClient() {
      Client client = new Client("client-" + names++);
      clients.put(client.name, client);
      return client;
    }

    void step() throws MlsException {
      String actor = anyMember();
      int choice = random.nextInt(10);
      if (choice < 4) {
        send(actor);
      } else if (choice == 4) {
        commit(actor, List.of(), List.of());
      } else if (choice == 5) {
        addSome(actor, 1 + random.nextInt(4));
      } else if (choice == 6 && groups.size() > 3) {
        commit(actor, removals(actor, 1 + random.nextInt(2)), List.of());
      } else if (choice == 7) {
        Proposal rename =
            new Proposal.GroupContextExtensions(Client.context("name " + random.nextInt()));
        commit(actor, List.of(rename), List.of());
      } else if (choice == 8) {
        replace(actor);
      } else {
        byReference(actor);
      }
      deliverSome();
      restoreAll();
      assertAgreement();
    }

    private String anyMember() {
      List<String> members = groups.keySet().stream().sorted().toList();
      return members.get(random.nextInt(members.size()));
    }

    private void send(String sender) throws MlsException {
      for (int i = random.nextInt(4); i >= 0; i--) {
        byte[] content = ("hello " + random.nextLong()).getBytes(StandardCharsets.UTF_8);
        byte[] octets = groups.get(sender).encrypt(content);
        Set<String> readers = new HashSet<>(groups.keySet());
        readers.remove(sender);
        inFlight.add(
            new InFlight(octets, content, (int) groups.get(sender).epoch(), sender, readers));
      }
    }

    private void addSome(String actor, int count) throws MlsException {
      List<Proposal> adds = new ArrayList<>();
      Map<String, OwnKeyPackage> newcomers = new HashMap<>();
      for (int i = 0; i < count && groups.size() + newcomers.size() < MAX_MEMBERS; i++) {
        Client client = newClient();
        OwnKeyPackage own = client.keyPackage();
        newcomers.put(client.name, own);
        adds.add(Client.add(own));
      }
      Optional<byte[]> welcome = commit(actor, adds, List.of());
      for (Map.Entry<String, OwnKeyPackage> newcomer : newcomers.entrySet()) {
        Client client = clients.get(newcomer.getKey());
        groups.put(client.name, client.join(welcome.orElseThrow(), newcomer.getValue()));
      }
    }

    private List<Proposal> removals(String actor, int count) {
      List<Proposal> removals = new ArrayList<>();
      List<Member> others = new ArrayList<>(groups.get(actor).members());
      others.removeIf(member -> member.index().equals(groups.get(actor).ownIndex()));
      for (int i = 0; i < count && groups.size() - removals.size() > 2; i++) {
        removals.add(new Proposal.Remove(others.remove(random.nextInt(others.size())).index()));
      }
      return removals;
    }

    /** Remove and Add of one client in one commit, as a forked member is brought back. */
    private void replace(String actor) throws MlsException {
      MlsGroup group = groups.get(actor);
      Member target =
          group.members().stream()
              .filter(member -> !member.index().equals(group.ownIndex()))
              .findFirst()
              .orElseThrow();
      String name = nameOf(target);
      OwnKeyPackage own = clients.get(name).keyPackage();
      Optional<byte[]> welcome =
          commit(actor, List.of(new Proposal.Remove(target.index()), Client.add(own)), List.of());
      groups.put(name, clients.get(name).join(welcome.orElseThrow(), own));
      inFlight.replaceAll(
          each -> {
            Set<String> readers = new HashSet<>(each.readers());
            readers.remove(name);
            return new InFlight(
                each.octets(), each.content(), each.fromEpoch(), each.sender(), readers);
          });
    }

    private static String nameOf(Member member) {
      return new String(member.leaf().credential().identity(), StandardCharsets.UTF_8);
    }

    private void byReference(String committer) throws MlsException {
      List<ProposalOrReference> named = new ArrayList<>();
      for (String proposer : groups.keySet().stream().sorted().toList()) {
        if (!proposer.equals(committer) && random.nextInt(3) == 0) {
          OwnProposal proposal = groups.get(proposer).proposeUpdate();
          for (String other : groups.keySet()) {
            if (!other.equals(proposer)) {
              groups.get(other).receiveProposal(MlsMessage.read(proposal.octets()));
            }
          }
          named.add(new ProposalOrReference.ByReference(proposal.reference()));
          restoreAll();
        }
      }
      commit(committer, List.of(), named);
    }

    private Optional<byte[]> commit(
        String actor, List<Proposal> proposals, List<ProposalOrReference> named)
        throws MlsException {
      MlsGroup own = groups.get(actor);
      byte[] before = own.epochState();
      List<ProposalOrReference> all = new ArrayList<>(named);
      proposals.forEach(each -> all.add(new ProposalOrReference.ByValue(each)));
      own.commitMixed(all).staged().drop();
      OwnCommit commit = own.commitMixed(all);
      assertThat(own.epochState()).as("a commit leaves the group as it was").isEqualTo(before);
      byte[] staged = commit.staged().toOctets();
      own = clients.get(actor).restored(own);
      groups.put(actor, own);
      own.merge(StagedCommit.fromOctets(staged));
      for (String name : List.copyOf(groups.keySet())) {
        if (!name.equals(actor)) {
          follow(name, commit.octets());
        }
      }
      return commit.welcome();
    }

    private void follow(String name, byte[] octets) throws MlsException {
      MlsGroup group = groups.get(name);
      byte[] epochBefore = group.epochState();
      StagedCommit dropped = group.stage(MlsMessage.read(octets));
      dropped.drop();
      assertThat(group.epochState()).isEqualTo(epochBefore);
      StagedCommit staged = group.stage(MlsMessage.read(octets));
      group.merge(StagedCommit.fromOctets(staged.toOctets()));
      if (staged.removesUs()) {
        assertThat(group.isActive()).isFalse();
        assertThatThrownBy(() -> group.encrypt(new byte[1]))
            .asInstanceOf(type(MlsException.class))
            .returns(Failure.INACTIVE, MlsException::failure);
        assertThat(clients.get(name).restored(group).isActive()).isFalse();
        groups.remove(name);
      }
    }

    private void deliverSome() throws MlsException {
      for (int i = inFlight.size() - 1; i >= 0; i--) {
        InFlight message = inFlight.get(i);
        long age = groups.get(anyMember()).epoch() - message.fromEpoch();
        if (random.nextBoolean() || age >= 3) {
          inFlight.remove(i);
          for (String reader : message.readers()) {
            if (groups.containsKey(reader)) {
              deliver(message, reader, age);
            }
          }
        }
      }
    }

    private void deliver(InFlight message, String reader, long age) throws MlsException {
      MlsGroup group = groups.get(reader);
      if (age > 3) {
        assertFails(group, message, Failure.EPOCH_TOO_OLD);
        return;
      }
      ApplicationMessage read;
      try {
        read = group.decrypt(Client.message(message.octets()));
      } catch (MlsException overtaken) {
        // Messages are delivered newest first; only what fell out of the window of five may fail.
        assertThat(overtaken.failure()).isEqualTo(Failure.GENERATION_SPENT);
        return;
      }
      delivered++;
      assertThat(read.content()).isEqualTo(message.content());
      assertThat(nameOf(new Member(read.sender(), read.senderLeaf()))).isEqualTo(message.sender());
      assertFails(group, message, Failure.GENERATION_SPENT);
    }

    private static void assertFails(MlsGroup group, InFlight message, Failure failure) {
      assertThatThrownBy(() -> group.decrypt(Client.message(message.octets())))
          .asInstanceOf(type(MlsException.class))
          .returns(failure, MlsException::failure);
    }

    private void restoreAll() throws MlsException {
      for (Map.Entry<String, MlsGroup> each : groups.entrySet()) {
        MlsGroup restored = clients.get(each.getKey()).restored(each.getValue());
        assertThat(restored.epochState()).isEqualTo(each.getValue().epochState());
        assertThat(restored.ratchetState()).isEqualTo(each.getValue().ratchetState());
        each.setValue(restored);
      }
    }

    private void assertAgreement() throws MlsException {
      MlsGroup any = groups.get(anyMember());
      assertThat(any.members()).hasSize(groups.size());
      for (Map.Entry<String, MlsGroup> each : groups.entrySet()) {
        MlsGroup group = each.getValue();
        assertThat(group.epoch()).isEqualTo(any.epoch());
        assertThat(group.epochAuthenticator()).isEqualTo(any.epochAuthenticator());
        assertThat(group.treeHash()).isEqualTo(any.treeHash());
        assertThat(group.members()).isEqualTo(any.members());
        assertThat(group.contextExtensions()).isEqualTo(any.contextExtensions());
        assertThat(group.export("test", new byte[3], 42))
            .isEqualTo(any.export("test", new byte[3], 42));
        LeafIndex own = group.ownIndex();
        assertThat(nameOf(any.member(own).orElseThrow())).isEqualTo(each.getKey());
      }
    }
  }
}
