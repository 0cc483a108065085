package dev.strongroom.crypto.custody;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.transparency.MerkleTree;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The small tree is, at every size, the one that the log has. */
class RecordTreeTest {
    @Test
    void hasTheRootsAndPathsOfTheLogsTree() {
        var log = new MerkleTree();
        var bodies = new ArrayList<byte[]>();
        for (int size = 1; size <= ProvenBody.MOST_LEAVES; size++) {
            bodies.add(new byte[] {(byte) size, 7});
            log.append(MerkleTree.leafHash(bodies.getLast()));
            var tree = new RecordTree(bodies);
            assertThat(Digest.of(tree.root())).isEqualTo(log.root());
            for (int index : new int[] {0, size / 3, size / 2, size - 1}) {
                List<byte[]> path = tree.path(index);
                assertThat(path.stream().map(Digest::of).toList())
                        .isEqualTo(log.inclusion(index, size));
                assertThat(RecordTree.pathLength(index, size)).isEqualTo(path.size());
                assertThat(RecordTree.rootOf(bodies.get(index), index, size, path))
                        .isEqualTo(tree.root());
            }
        }
    }
}
