package dev.strongroom.crypto.transparency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * Leaves, roots and proofs are those of the Certificate Transparency reference implementation
 * (google/certificate-transparency, merkletree tests; the same in transparency-dev/merkle).
 */
class MerkleTreeTest {
    private static final List<String> LEAVES =
            List.of(
                    "",
                    "00",
                    "10",
                    "2021",
                    "3031",
                    "40414243",
                    "5051525354555657",
                    "606162636465666768696a6b6c6d6e6f");
    private static final List<String> ROOTS =
            List.of(
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static MerkleTree reference() {
        var tree = new MerkleTree();
        LEAVES.forEach(leaf -> tree.append(MerkleTree.leafHash(HexFormat.of().parseHex(leaf))));
        return tree;
    }

    @Test
    void hasTheReferenceRootsAtEverySize() {
        MerkleTree tree = reference();
        for (int size = 0; size <= 8; size++) {
            assertThat(tree.root(size).hex()).isEqualTo(ROOTS.get(size));
        }
        assertThat(tree.size()).isEqualTo(8);
        assertThat(tree.root()).isEqualTo(tree.root(8));
    }

    @Test
    void hasTheReferenceInclusionProofs() {
        MerkleTree tree = reference();
        assertThat(tree.inclusion(0, 1)).isEmpty();
        assertThat(hex(tree.inclusion(0, 8)))
                .containsExactly(
                        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
        assertThat(hex(tree.inclusion(5, 8)))
                .containsExactly(
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
    }

    @Test
    void hasTheReferenceConsistencyProofs() {
        MerkleTree tree = reference();
        assertThat(tree.consistency(1, 1)).isEmpty();
        assertThat(hex(tree.consistency(6, 8)))
                .containsExactly(
                        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
        assertThat(hex(tree.consistency(2, 5)))
                .containsExactly(
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    }

    @Property(tries = 60)
    void everyProofHoldsAndNoChangedOneDoes(
            @ForAll @IntRange(min = 1, max = 70) int size,
            @ForAll @IntRange(max = 69) int index,
            @ForAll @IntRange(max = 70) int earlier) {
        MerkleTree tree = numbered(size + 5);
        int leaf = index % size;
        Digest leafHash = MerkleTree.leafHash(new byte[] {(byte) leaf});
        List<Digest> path = tree.inclusion(leaf, size);
        Digest root = tree.root(size);
        assertThat(MerkleProofs.verifyInclusion(leafHash, leaf, size, path, root)).isTrue();
        for (List<Digest> changed : changes(path)) {
            assertThat(MerkleProofs.verifyInclusion(leafHash, leaf, size, changed, root)).isFalse();
        }
        for (int other = 0; other < size; other++) {
            assertThat(MerkleProofs.verifyInclusion(leafHash, other, size, path, root))
                    .isEqualTo(other == leaf);
        }
        assertThat(MerkleProofs.verifyInclusion(Digest.sha256(), leaf, size, path, root)).isFalse();

        int from = earlier % (size + 1);
        List<Digest> proof = tree.consistency(from, size);
        Digest fromRoot = tree.root(from);
        assertThat(MerkleProofs.verifyConsistency(from, fromRoot, size, root, proof)).isTrue();
        for (List<Digest> changed : changes(proof)) {
            assertThat(MerkleProofs.verifyConsistency(from, fromRoot, size, root, changed))
                    .isFalse();
        }
        if (from > 0) {
            Digest forged = Digest.sha256(new byte[] {9});
            assertThat(MerkleProofs.verifyConsistency(from, forged, size, root, proof)).isFalse();
            assertThat(MerkleProofs.verifyConsistency(from, fromRoot, size, forged, proof))
                    .isFalse();
        }
    }

    @Test
    void aRewrittenLogIsNotConsistent() {
        MerkleTree honest = numbered(20);
        var rewritten = new MerkleTree();
        IntStream.range(0, 30)
                .forEach(i -> rewritten.append(MerkleTree.leafHash(new byte[] {(byte) (i + 1)})));
        assertThat(
                        MerkleProofs.verifyConsistency(
                                20,
                                honest.root(),
                                30,
                                rewritten.root(),
                                rewritten.consistency(20, 30)))
                .isFalse();
    }

    @Test
    void refusesSizesItNeverHad() {
        MerkleTree tree = numbered(3);
        assertThatThrownBy(() -> tree.root(4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tree.inclusion(3, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tree.inclusion(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tree.consistency(3, 2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(MerkleProofs.verifyInclusion(Digest.sha256(), 0, 0, List.of(), tree.root(0)))
                .isFalse();
        assertThat(MerkleProofs.verifyInclusion(Digest.sha256(), -1, 3, List.of(), tree.root()))
                .isFalse();
        assertThat(MerkleProofs.verifyConsistency(3, tree.root(), 2, tree.root(2), List.of()))
                .isFalse();
    }

    @Test
    void growsPastOneBlockOfHashes() {
        MerkleTree tree = numbered(3000);
        Digest leaf = MerkleTree.leafHash(new byte[] {(byte) 2049});
        assertThat(
                        MerkleProofs.verifyInclusion(
                                leaf, 2049, 3000, tree.inclusion(2049, 3000), tree.root()))
                .isTrue();
    }

    private static MerkleTree numbered(int leaves) {
        var tree = new MerkleTree();
        for (int i = 0; i < leaves; i++) {
            assertThat(tree.append(MerkleTree.leafHash(new byte[] {(byte) i}))).isEqualTo(i);
        }
        return tree;
    }

    /** One hash more, one fewer, one of another value. */
    private static List<List<Digest>> changes(List<Digest> path) {
        var changes = new ArrayList<List<Digest>>();
        var longer = new ArrayList<>(path);
        longer.add(Digest.sha256());
        changes.add(longer);
        if (!path.isEmpty()) {
            changes.add(path.subList(1, path.size()));
            changes.add(path.subList(0, path.size() - 1));
            for (int i = 0; i < path.size(); i++) {
                var other = new ArrayList<>(path);
                other.set(i, Digest.sha256(new byte[] {7}));
                changes.add(other);
            }
        }
        return changes;
    }

    private static List<String> hex(List<Digest> path) {
        return path.stream().map(Digest::hex).toList();
    }
}
