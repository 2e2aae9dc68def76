package io.postern.xmtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.framing.ContentType;
import io.postern.mls.framing.MlsMessage;
import io.postern.mls.group.KeyPackage;
import io.postern.mls.group.MlsGroup;
import io.postern.mls.group.Proposal;
import io.postern.mls.group.StagedCommit;
import io.postern.xmtp.client.CommitLab.Device;
import io.postern.xmtp.client.CommitLab.Person;
import io.postern.xmtp.client.TestLink.Fate;
import io.postern.xmtp.identity.WalletKey;
import io.postern.xmtp.network.GroupId;
import io.postern.xmtp.proto.mls.api.GroupMessageInput;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store still opens, long after: no secret of what is over is in any value of it. */
class StoreOctetsTest {
  @TempDir Path folder;
  private final SettableClock clock = new SettableClock();
  private final TestNetwork network = new TestNetwork(clock, Runnable::run);
  private final CommitLab lab = new CommitLab(network);
  private TestClient us;
  private Inbox inbox;
  private Person peer;
  private Device peers;
  private GroupId group;
  private int read;

  @BeforeEach
  void talk() throws Exception {
    us = new TestClient(network, clock, folder);
    inbox = us.register(WalletKey.generate(new SecureRandom()));
    peer = lab.person();
    peers = peer.device();
    group = lab.invite(peers, inbox, peer, CommitLab.groupOf(peer));
    inbox.sync();
    inbox.conversation(group).send(TestClient.text("hello"));
    follow();
  }

  @AfterEach
  void close() {
    us.close();
  }

  private void publish(byte[] data) throws Exception {
    network.send(
        List.of(
            GroupMessageInput.newBuilder()
                .setV1(GroupMessageInput.V1.newBuilder().setData(ByteString.copyFrom(data)))
                .build()));
  }

  private void follow() throws Exception {
    var all = network.all(group);
    for (; read < all.size(); read++) {
      var data = all.get(read).data();
      var header = MlsMessage.header(data);
      if (header.contentType() == ContentType.COMMIT && header.epoch() == peers.group.epoch()) {
        peers.group.merge(peers.group.stage(MlsMessage.read(data)));
      }
    }
  }

  private void peerCommits(Proposal... proposals) throws Exception {
    var commit = peers.group.commit(List.of(proposals));
    publish(commit.octets());
    peers.group.merge(commit.staged());
    read = network.all(group).size();
    inbox.sync();
  }

  /** Everything sealed that this group and this inbox have, opened. */
  private List<byte[]> opened() {
    return us.store
        .jdbi()
        .withHandle(
            h -> {
              var found = new ArrayList<byte[]>();
              var state = us.store.groups().state(h, inbox.installation(), group);
              found.add(state.epoch());
              found.add(state.ratchet());
              var key = inbox.conversation(group).key();
              for (var hash : us.store.intents().payloadHashes(h, key)) {
                us.store
                    .intents()
                    .payload(h, inbox.installation(), hash)
                    .flatMap(payload -> payload.staged())
                    .ifPresent(found::add);
              }
              var packages =
                  h.createQuery("select init_key from key_package").mapTo(byte[].class).list();
              for (var initKey : packages) {
                var keys = us.store.keys().find(h, inbox.installation(), initKey).orElseThrow();
                found.add(keys.initKey().toOctets());
                found.add(keys.encryptionKey().toOctets());
                found.add(keys.wrapperSeed().toOctets());
              }
              return found;
            });
  }

  private List<byte[]> secretsOfTheGroup() throws Exception {
    return secrets(mls());
  }

  private MlsGroup mls() throws Exception {
    var self =
        us.store.jdbi().withHandle(h -> us.store.inboxes().find(h, inbox.id())).orElseThrow();
    var state =
        us.store.jdbi().withHandle(h -> us.store.groups().state(h, inbox.installation(), group));
    return MlsGroup.restore(
        state.epoch(), state.ratchet(), SignatureKeyPair.of(self.installationSeed().copy()));
  }

  private List<byte[]> secretsOfTheKeyPackage() throws Exception {
    var octets = network.keyPackages(List.of(inbox.installation())).get(0).orElseThrow();
    var initKey = KeyPackage.read(octets).initKey();
    var keys =
        us.store
            .jdbi()
            .withHandle(h -> us.store.keys().find(h, inbox.installation(), initKey))
            .orElseThrow();
    return List.of(
        keys.initKey().toOctets(), keys.encryptionKey().toOctets(), keys.wrapperSeed().toOctets());
  }

  private List<byte[]> secretsOfWhatIsStaged() throws Exception {
    var found = new ArrayList<byte[]>();
    var key = inbox.conversation(group).key();
    for (var hash : us.store.jdbi().withHandle(h -> us.store.intents().payloadHashes(h, key))) {
      var payload =
          us.store
              .jdbi()
              .withHandle(h -> us.store.intents().payload(h, inbox.installation(), hash))
              .orElseThrow();
      if (payload.staged().isPresent()) {
        found.addAll(secrets(StagedCommit.fromOctets(payload.staged().get())));
      }
    }
    return found;
  }

  private static boolean contains(byte[] octets, byte[] secret) {
    for (int i = 0; i + secret.length <= octets.length; i++) {
      if (Arrays.equals(octets, i, i + secret.length, secret, 0, secret.length)) {
        return true;
      }
    }
    return false;
  }

  private long stillThere(List<byte[]> secrets) {
    var opened = opened();
    return secrets.stream()
        .filter(secret -> opened.stream().anyMatch(octets -> contains(octets, secret)))
        .count();
  }

  @Test
  void keepsNoKeyOfASpentGenerationOrAPastEpoch() throws Exception {
    var old = secretsOfTheGroup();
    assertThat(old).hasSizeGreaterThan(5);
    assertThat(stillThere(old)).as("the search finds what is there").isEqualTo(old.size());

    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofDays(31));
      inbox.conversation(group).send(TestClient.text("epoch " + i));
      follow();
      peerCommits();
      publish(peers.group.encrypt(TestClient.text("answer " + i).envelope().write()));
      inbox.sync();
    }

    assertThat(stillThere(old)).isZero();
  }

  @Test
  void keepsNothingOfAReplacedKeyPackage() throws Exception {
    var old = secretsOfTheKeyPackage();
    assertThat(stillThere(old)).isEqualTo(3);

    clock.advance(Duration.ofDays(30));
    us.client.maintain();
    clock.advance(Duration.ofHours(24));
    us.client.maintain();

    assertThat(stillThere(old)).isZero();
  }

  @Test
  void keepsNothingOfACommitThatLost() throws Exception {
    us.link.plan(method -> method.startsWith("send") ? Fate.REQUEST_LOST : Fate.WELL);
    clock.advance(Duration.ofDays(31));
    assertThatThrownBy(() -> inbox.conversation(group).send(TestClient.text("later")))
        .isInstanceOf(XmtpException.class);
    var made = secretsOfWhatIsStaged();
    made.removeIf(secret -> secretsNow().stream().anyMatch(now -> Arrays.equals(now, secret)));
    assertThat(made).hasSizeGreaterThan(3);

    peerCommits();

    assertThat(stillThere(made)).isZero();
  }

  private List<byte[]> secretsNow() {
    try {
      return secretsOfTheGroup();
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void keepsNothingOfAGroupThatRemovedUs() throws Exception {
    var old = secretsOfTheGroup();
    var shown = mls().epochAuthenticator(); // Made to be compared with others'.
    old.removeIf(secret -> Arrays.equals(secret, shown));

    peerCommits(
        new Proposal.GroupContextExtensions(
            peers
                .group
                .contextExtensions()
                .withLast(CommitLab.membership(Map.of(peer, peer.sequence())))),
        new Proposal.Remove(lab.placeOf(peers, inbox)));

    assertThat(inbox.conversation(group).row().active()).isFalse();
    assertThat(stillThere(old)).isZero();
  }

  /** The octets of all secrets below an object; the signature key outlives groups. */
  private static List<byte[]> secrets(Object root) throws Exception {
    var seen = new IdentityHashMap<Object, Boolean>();
    Set<Secret> secrets = new HashSet<>();
    var open = new ArrayDeque<Object>(List.of(root));
    while (!open.isEmpty()) {
      var at = open.remove();
      if (at instanceof SignatureKeyPair || seen.put(at, true) != null) {
        continue;
      }
      if (at instanceof Secret secret) {
        if (!secret.isErased() && secret.length() >= 12) {
          secrets.add(secret);
        }
      } else {
        below(at).stream().filter(Objects::nonNull).forEach(open::add);
      }
    }
    return new ArrayList<>(secrets.stream().map(Secret::toOctets).toList());
  }

  private static Collection<Object> below(Object at) throws Exception {
    if (at instanceof Collection<?> collection) {
      return new ArrayList<>(collection);
    }
    if (at instanceof Map<?, ?> map) {
      return new ArrayList<>(map.values());
    }
    if (at instanceof Optional<?> optional) {
      return new ArrayList<>(optional.stream().toList());
    }
    if (at instanceof Object[] array) {
      return new ArrayList<>(Arrays.asList(array));
    }
    var below = new ArrayList<Object>();
    if (at.getClass().getName().startsWith("io.postern.mls.")) {
      for (var field : at.getClass().getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          below.add(field.get(at));
        }
      }
    }
    return below;
  }
}
