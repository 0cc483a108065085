package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import java.util.List;

/**
 * Several verifiers' nonces answered by one piece of evidence: it speaks for the root of an RFC
 * 6962 tree over them, and each verifier gets the proof that his nonce is in it. A nonce counts
 * only as a leaf, so no verifier can have another's answer made for a value of his choice.
 *
 * <p>Immutable and thread-safe.
 */
public final class NonceBatch {
    /** Nonces that one piece of evidence answers at most. */
    public static final int MAX_NONCES = 256;

    private final MerkleTree tree = new MerkleTree();

    /**
     * @param nonces 1 to {@link #MAX_NONCES}
     */
    public NonceBatch(List<byte[]> nonces) {
        if (nonces.isEmpty() || nonces.size() > MAX_NONCES) {
            throw new IllegalArgumentException(
                    "nonces: " + nonces.size() + " (expected: 1.." + MAX_NONCES + ")");
        }
        nonces.forEach(nonce -> tree.append(MerkleTree.leafHash(nonce)));
    }

    /** What the evidence speaks for in the place of a nonce. */
    public byte[] root() {
        return tree.root().bytes();
    }

    public int size() {
        return (int) tree.size();
    }

    /** That the nonce at {@code index} is in the batch, nearest hash first. */
    public List<Digest> proof(int index) {
        return tree.inclusion(index, tree.size());
    }

    /** True when {@code nonce} is a leaf of the tree that {@code root} is of. */
    public static boolean contains(
            byte[] nonce, long index, long size, List<Digest> path, Digest root) {
        return size >= 1
                && size <= MAX_NONCES
                && index >= 0
                && index < size
                && MerkleProofs.verifyInclusion(
                        MerkleTree.leafHash(nonce), index, size, path, root);
    }
}
