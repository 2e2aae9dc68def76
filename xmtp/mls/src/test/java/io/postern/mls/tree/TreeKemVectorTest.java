package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.MlsException;
import io.postern.mls.Vectors;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.crypto.HpkeKeyPair;
import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import io.postern.mls.schedule.GroupContext;
import io.postern.mls.wire.TlsReader;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class TreeKemVectorTest {
  private final SecureRandom random = new SecureRandom();

  @TestFactory
  Stream<DynamicTest> opensPathsOfOthersAndMakesItsOwn() {
    return Vectors.each("treekem.json", this::check);
  }

  private void check(JsonNode entry) throws MlsException {
    CipherSuite suite = Vectors.suite(entry);
    RatchetTree tree =
        RatchetTree.read(new TlsReader(Vectors.octets(entry, "ratchet_tree")), suite.kdf());
    Map<Integer, TreeKeys> members = new HashMap<>();
    Map<Integer, SignatureKeyPair> signers = new HashMap<>();
    for (JsonNode each : entry.get("leaves_private")) {
      int index = each.get("index").asInt();
      members.put(index, member(suite, tree, each));
      signers.put(index, SignatureKeyPair.of(Vectors.secret(each, "signature_priv")));
    }
    for (JsonNode update : entry.get("update_paths")) {
      LeafIndex sender = new LeafIndex(update.get("sender").asInt());
      opens(suite, entry, update, tree.copy(), sender, members);
      makes(suite, entry, tree.copy(), sender, signers.get(sender.place()), members);
    }
  }

  private static TreeKeys member(CipherSuite suite, RatchetTree tree, JsonNode entry) {
    LeafIndex index = new LeafIndex(entry.get("index").asInt());
    TreeKeys keys = new TreeKeys(index, Vectors.secret(entry, "encryption_priv"));
    for (JsonNode each : entry.get("path_secrets")) {
      Secret nodeSecret = suite.kdf().deriveSecret(Vectors.secret(each, "path_secret"), "node");
      HpkeKeyPair pair = suite.kem().deriveKeyPair(nodeSecret);
      int node = each.get("node").asInt();
      assertThat(pair.publicKey()).isEqualTo(tree.encryptionKey(node));
      keys.put(node, pair.privateKey());
    }
    return keys;
  }

  private static byte[] context(CipherSuite suite, JsonNode entry, RatchetTree tree) {
    return new GroupContext(
            suite.id(),
            Vectors.octets(entry, "group_id"),
            entry.get("epoch").asLong(),
            tree.treeHash(),
            Vectors.octets(entry, "confirmed_transcript_hash"),
            Extensions.NONE)
        .toOctets();
  }

  private static void opens(
      CipherSuite suite,
      JsonNode entry,
      JsonNode update,
      RatchetTree tree,
      LeafIndex sender,
      Map<Integer, TreeKeys> members)
      throws MlsException {
    UpdatePath path = UpdatePath.read(new TlsReader(Vectors.octets(update, "update_path")));
    PathSecrets treeKem = new PathSecrets(suite);

    treeKem.apply(tree, sender, path, Set.of());

    assertThat(
            path.leaf().verifySignature(suite.signing(), Vectors.octets(entry, "group_id"), sender))
        .isTrue();
    assertThat(tree.treeHash()).isEqualTo(Vectors.octets(update, "tree_hash_after"));
    for (TreeKeys keys : members.values()) {
      if (keys.own().equals(sender)) {
        continue;
      }
      PathSecrets.Derived derived =
          treeKem.open(tree, keys, sender, path, Set.of(), context(suite, entry, tree));
      assertThat(Vectors.hex(derived.pathSecrets().get(0).toOctets()))
          .isEqualTo(update.get("path_secrets").get(keys.own().place()).asText());
      assertThat(derived.commitSecret()).isEqualTo(Vectors.secret(update, "commit_secret"));
    }
  }

  private void makes(
      CipherSuite suite,
      JsonNode entry,
      RatchetTree before,
      LeafIndex sender,
      SignatureKeyPair signer,
      Map<Integer, TreeKeys> members)
      throws MlsException {
    PathSecrets treeKem = new PathSecrets(suite);
    RatchetTree ours = before.copy();
    byte[] groupId = Vectors.octets(entry, "group_id");
    PathSecrets.Fresh fresh = treeKem.refresh(ours, sender, signer, groupId, random);
    byte[] context = context(suite, entry, ours);
    UpdatePath path = treeKem.seal(ours, sender, fresh, Set.of(), context, random);

    treeKem.apply(before, sender, path, Set.of());

    assertThat(before).isEqualTo(ours);
    new TreeCheck(before).checkParentHashes();
    for (TreeKeys keys : members.values()) {
      if (!keys.own().equals(sender)) {
        assertThat(treeKem.open(before, keys, sender, path, Set.of(), context).commitSecret())
            .isEqualTo(fresh.derived().commitSecret());
      }
    }
  }
}
