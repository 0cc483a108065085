package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * An append-only Merkle tree (RFC 6962, section 2.1) in memory: 64 bytes a leaf; append, roots and
 * proofs of any size it ever had in O(log n).
 *
 * <p>Thread-safe.
 */
public final class MerkleTree {
    /** Root of the empty tree: SHA-256 of nothing. */
    public static final Digest EMPTY_ROOT = Digest.sha256();

    /** {@code levels[h]} holds the hashes of complete subtrees of 2^h leaves, in order. */
    private final List<HashArray> levels = new ArrayList<>();

    private long size;

    /** The empty tree. */
    public MerkleTree() {}

    /** Hash of a leaf's bytes, for {@link #append} and proofs. */
    public static Digest leafHash(byte[] leaf) {
        return TreeHash.leaf(leaf);
    }

    /** Adds a leaf and returns its index. */
    public synchronized long append(Digest leafHash) {
        Digest hash = leafHash;
        int level = 0;
        for (long index = size; ; index >>>= 1, level++) {
            level(level).add(hash);
            if ((index & 1) == 0) {
                return size++;
            }
            // A right child completes its parent.
            hash = TreeHash.node(levels.get(level).get(index - 1), hash);
        }
    }

    public synchronized long size() {
        return size;
    }

    public synchronized Digest root() {
        return root(size);
    }

    /**
     * The root when the tree had {@code atSize} leaves.
     *
     * @throws IllegalArgumentException when it never had
     */
    public synchronized Digest root(long atSize) {
        requireAtMost("size", atSize, size);
        return atSize == 0 ? EMPTY_ROOT : subtree(0, atSize);
    }

    /**
     * Proof that a leaf is in the tree of {@code atSize} leaves (section 2.1.1), nearest first.
     *
     * @throws IllegalArgumentException when that tree has no such leaf
     */
    public synchronized List<Digest> inclusion(long index, long atSize) {
        requireAtMost("size", atSize, size);
        requireAtMost("leaf index", index, atSize - 1);
        var path = new ArrayList<Digest>();
        path(index, 0, atSize, path);
        return List.copyOf(path);
    }

    /**
     * Proof that the tree of {@code toSize} leaves continues the one of {@code fromSize} (section
     * 2.1.2). Empty when the sizes are equal or {@code fromSize} is 0.
     */
    public synchronized List<Digest> consistency(long fromSize, long toSize) {
        requireAtMost("size", toSize, size);
        requireAtMost("earlier size", fromSize, toSize);
        var proof = new ArrayList<Digest>();
        if (fromSize > 0 && fromSize < toSize) {
            subproof(fromSize, 0, toSize, Known.YES, proof);
        }
        return List.copyOf(proof);
    }

    /** PATH(m, D[n]) over the leaves from {@code start}. */
    private void path(long index, long start, long count, List<Digest> path) {
        if (count == 1) {
            return;
        }
        long split = largestPowerBelow(count);
        if (index < split) {
            path(index, start, split, path);
            path.add(subtree(start + split, count - split));
        } else {
            path(index - split, start + split, count - split, path);
            path.add(subtree(start, split));
        }
    }

    /** Whether the verifier knows the root of the subtree: only the whole earlier tree's. */
    private enum Known {
        YES,
        NO
    }

    /** SUBPROOF(m, D[n], b) over the leaves from {@code start}. */
    private void subproof(long from, long start, long count, Known known, List<Digest> proof) {
        if (from == count) {
            if (known == Known.NO) {
                proof.add(subtree(start, count));
            }
            return;
        }
        long split = largestPowerBelow(count);
        if (from <= split) {
            subproof(from, start, split, known, proof);
            proof.add(subtree(start + split, count - split));
        } else {
            subproof(from - split, start + split, count - split, Known.NO, proof);
            proof.add(subtree(start, split));
        }
    }

    /** MTH of {@code count} leaves from {@code start}; complete subtrees are looked up. */
    private Digest subtree(long start, long count) {
        if (Long.bitCount(count) == 1) {
            int level = Long.numberOfTrailingZeros(count);
            return levels.get(level).get(start >>> level);
        }
        long split = largestPowerBelow(count);
        return TreeHash.node(subtree(start, split), subtree(start + split, count - split));
    }

    private static long largestPowerBelow(long count) {
        return Long.highestOneBit(count - 1);
    }

    private HashArray level(int level) {
        if (level == levels.size()) {
            levels.add(new HashArray());
        }
        return levels.get(level);
    }

    private static void requireAtMost(String what, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: 0.." + max + ")");
        }
    }
}
