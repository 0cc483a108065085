package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import java.util.List;

/**
 * Checks proofs of an RFC 6962 tree by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2
 * (the trees are the same). A proof with a hash too many or too few is false.
 */
public final class MerkleProofs {
    /** No tree of 2^63 leaves is deeper. */
    public static final int MAX_PATH = 64;

    private MerkleProofs() {}

    /** True when the leaf is at {@code index} of the tree with this size and root. */
    public static boolean verifyInclusion(
            Digest leafHash, long index, long size, List<Digest> path, Digest root) {
        if (index < 0 || index >= size || path.size() > MAX_PATH) {
            return false;
        }
        long fn = index;
        long sn = size - 1;
        Digest hash = leafHash;
        for (Digest sibling : path) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                hash = TreeHash.node(sibling, hash);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                hash = TreeHash.node(hash, sibling);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && hash.equals(root);
    }

    /**
     * True when the later tree starts with all leaves of the earlier one. Every tree continues the
     * empty one.
     */
    public static boolean verifyConsistency(
            long fromSize, Digest fromRoot, long toSize, Digest toRoot, List<Digest> path) {
        if (fromSize < 0 || fromSize > toSize || path.size() > MAX_PATH) {
            return false;
        }
        if (fromSize == toSize) {
            return path.isEmpty() && fromRoot.equals(toRoot);
        }
        if (fromSize == 0) {
            return path.isEmpty() && fromRoot.equals(MerkleTree.EMPTY_ROOT);
        }
        // A complete earlier tree is a node of the later one; its root is not in the path.
        boolean complete = Long.bitCount(fromSize) == 1;
        if (!complete && path.isEmpty()) {
            return false;
        }
        Digest from = complete ? fromRoot : path.getFirst();
        Digest to = from;
        int shift = Long.numberOfTrailingZeros(~(fromSize - 1));
        long fn = (fromSize - 1) >>> shift;
        long sn = (toSize - 1) >>> shift;
        for (Digest sibling : complete ? path : path.subList(1, path.size())) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                from = TreeHash.node(sibling, from);
                to = TreeHash.node(sibling, to);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                to = TreeHash.node(to, sibling);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && from.equals(fromRoot) && to.equals(toRoot);
    }
}
