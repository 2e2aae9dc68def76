package io.postern.mls.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.postern.mls.Vectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class TreeMathVectorTest {
  @TestFactory
  Stream<DynamicTest> agreesWithTheWorkingGroup() {
    return Vectors.each(
        "tree-math.json",
        entry -> {
          int leaves = entry.get("n_leaves").asInt();
          assertThat(TreeMath.nodeCount(leaves)).isEqualTo(entry.get("n_nodes").asInt());
          assertThat(TreeMath.root(leaves)).isEqualTo(entry.get("root").asInt());
          for (int node = 0; node < TreeMath.nodeCount(leaves); node++) {
            JsonNode left = entry.get("left").get(node);
            assertThat(left.isNull()).isEqualTo(TreeMath.isLeaf(node));
            if (!left.isNull()) {
              assertThat(TreeMath.left(node)).isEqualTo(left.asInt());
              assertThat(TreeMath.right(node)).isEqualTo(entry.get("right").get(node).asInt());
            }
            JsonNode parent = entry.get("parent").get(node);
            assertThat(parent.isNull()).isEqualTo(node == TreeMath.root(leaves));
            if (!parent.isNull()) {
              assertThat(TreeMath.parent(node, leaves)).isEqualTo(parent.asInt());
              assertThat(TreeMath.sibling(node, leaves))
                  .isEqualTo(entry.get("sibling").get(node).asInt());
            }
          }
        });
  }
}
