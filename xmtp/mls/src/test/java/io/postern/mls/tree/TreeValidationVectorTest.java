package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.Vectors;
import io.postern.mls.crypto.CipherSuite;
import io.postern.mls.wire.TlsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class TreeValidationVectorTest {
  @TestFactory
  Stream<DynamicTest> resolvesHashesAndAcceptsSoundTrees() {
    return Vectors.each(
        "tree-validation.json",
        entry -> {
          CipherSuite suite = Vectors.suite(entry);
          TlsReader in = new TlsReader(Vectors.octets(entry, "tree"));
          RatchetTree tree = RatchetTree.read(in, suite.kdf());
          in.end("tree");

          assertThat(tree.toOctets()).isEqualTo(Vectors.octets(entry, "tree"));
          for (int node = 0; node < tree.nodeCount(); node++) {
            List<Integer> resolution = new ArrayList<>();
            for (JsonNode each : entry.get("resolutions").get(node)) {
              resolution.add(each.asInt());
            }
            assertThat(tree.resolution(node)).isEqualTo(resolution);
            assertThat(Vectors.hex(tree.treeHash(node)))
                .isEqualTo(entry.get("tree_hashes").get(node).asText());
          }
          new TreeCheck(tree).check(suite.signing(), Vectors.octets(entry, "group_id"));
        });
  }
}
