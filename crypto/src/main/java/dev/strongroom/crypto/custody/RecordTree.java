package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * The tree of RFC 6962 over the few bodies that one MAC covers, in plain arrays: a re-wrap is
 * short, and what a tree of any size needs would be most of its work.
 *
 * <p>A node without a sibling is its own parent, which is the same tree as the RFC's.
 */
final class RecordTree {
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    /** The hashes of each height, the leaves first and the root alone in the last. */
    private final List<byte[][]> levels = new ArrayList<>();

    RecordTree(List<byte[]> bodies) {
        MessageDigest sha256 = Digest.newSha256();
        byte[][] level = bodies.stream().map(body -> leaf(sha256, body)).toArray(byte[][]::new);
        levels.add(level);
        while (level.length > 1) {
            level = parents(sha256, level);
            levels.add(level);
        }
    }

    private static byte[][] parents(MessageDigest sha256, byte[][] level) {
        byte[][] parents = new byte[(level.length + 1) / 2][];
        for (int i = 0; i < parents.length; i++) {
            boolean pair = 2 * i + 1 < level.length;
            parents[i] = pair ? node(sha256, level[2 * i], level[2 * i + 1]) : level[2 * i];
        }
        return parents;
    }

    byte[] root() {
        return levels.getLast()[0];
    }

    /** What proves a leaf, nearest hash first. */
    List<byte[]> path(int index) {
        List<byte[]> path = new ArrayList<>();
        int at = index;
        for (byte[][] level : levels) {
            if ((at ^ 1) < level.length) {
                path.add(level[at ^ 1]);
            }
            at >>= 1;
        }
        return path;
    }

    /** How many hashes prove the leaf in this place. */
    static int pathLength(int index, int size) {
        int length = 0;
        for (int at = index, last = size - 1; last > 0; at >>= 1, last >>= 1) {
            length += (at ^ 1) <= last ? 1 : 0;
        }
        return length;
    }

    /**
     * The root of the tree in which the path proves the body; it has {@link #pathLength} hashes.
     */
    static byte[] rootOf(byte[] body, int index, int size, List<byte[]> path) {
        MessageDigest sha256 = Digest.newSha256();
        byte[] hash = leaf(sha256, body);
        int used = 0;
        for (int at = index, last = size - 1; last > 0; at >>= 1, last >>= 1) {
            if ((at ^ 1) <= last) {
                byte[] sibling = path.get(used++);
                hash = (at & 1) == 1 ? node(sha256, sibling, hash) : node(sha256, hash, sibling);
            }
        }
        return hash;
    }

    private static byte[] leaf(MessageDigest sha256, byte[] body) {
        sha256.update(LEAF);
        return sha256.digest(body);
    }

    private static byte[] node(MessageDigest sha256, byte[] left, byte[] right) {
        sha256.update(NODE);
        sha256.update(left);
        return sha256.digest(right);
    }
}
