package dev.strongroom.crypto.transparency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Proofs over a log, in which sizes, indices and hashes are all the sender's. */
class ProofFuzz {
    private static final Digest LEAF = Digest.sha256(new byte[] {1});
    private static final Digest ROOT = Digest.sha256(new byte[] {2});

    static List<byte[]> seeds() {
        var sizes = ByteBuffer.allocate(2 * Long.BYTES + 3 * Digest.BYTES).putLong(5).putLong(7);
        return List.of(sizes.array(), new byte[2 * Long.BYTES]);
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesNoRootItCannotReach(byte[] input) throws Exception {
        Hostile.read(input, IllegalArgumentException.class, ProofFuzz::check);
    }

    private static boolean check(byte[] input) {
        if (input.length < 2 * Long.BYTES) {
            throw new IllegalArgumentException("two numbers first");
        }
        var in = ByteBuffer.wrap(input);
        long from = in.getLong();
        long to = in.getLong();
        List<Digest> path = path(in);
        assertThat(MerkleProofs.verifyInclusion(LEAF, from, to, path, ROOT)).isFalse();
        assertThat(from != to && MerkleProofs.verifyConsistency(from, LEAF, to, ROOT, path))
                .as("two unrelated roots, sizes %d and %d", from, to)
                .isEqualTo(from == 0 && to > 0 && LEAF.equals(MerkleTree.EMPTY_ROOT));
        return true;
    }

    private static List<Digest> path(ByteBuffer in) {
        var path = new ArrayList<Digest>();
        byte[] hash = new byte[Digest.BYTES];
        while (in.remaining() >= hash.length) {
            in.get(hash);
            path.add(Digest.of(hash.clone()));
        }
        return path;
    }
}
