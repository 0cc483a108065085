package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;

/**
 * A move of an alias that the owner signed. Only {@link AliasMove#verify} makes one.
 *
 * <p>Immutable and thread-safe.
 */
public final class VerifiedAlias {
    private final AliasMove move;
    private final Digest digest;

    VerifiedAlias(AliasMove move, Digest digest) {
        this.move = move;
        this.digest = digest;
    }

    public AliasMove move() {
        return move;
    }

    /** Of the signed payload, which the next move names. */
    public Digest digest() {
        return digest;
    }
}
