package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;

/** Leaf and node hashes of RFC 6962, section 2.1: a leaf never hashes like a node. */
final class TreeHash {
    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private TreeHash() {}

    static Digest leaf(byte[] leaf) {
        return Digest.sha256(LEAF, leaf);
    }

    static Digest node(Digest left, Digest right) {
        return Digest.sha256(NODE, left.bytes(), right.bytes());
    }
}
