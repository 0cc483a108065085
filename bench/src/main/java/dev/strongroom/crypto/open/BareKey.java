package dev.strongroom.crypto.open;

import dev.strongroom.crypto.keys.Derivation;

/** A content key that no release brought. */
public final class BareKey {
    private BareKey() {}

    /**
     * Wraps a key.
     *
     * @param ikm of a first seal
     */
    public static ContentKey of(byte[] ikm) {
        return new ContentKey(ikm, Derivation.digestRoot(ikm));
    }
}
