package dev.strongroom.crypto.custody.pkcs11;

import java.util.List;

/**
 * An object in a token, as a check-up shows it. Never its value.
 *
 * @param kind its class in words
 * @param role what a vault has it for; empty when it is none of ours
 * @param label printable
 * @param id CKA_ID, hex
 * @param flags those of its attributes that are true, as PKCS#11 names them
 */
public record TokenObject(
        String kind, String role, String label, String id, List<String> flags, Standing standing) {
    /** Whether it is what its name says. */
    public enum Standing {
        /** A vault's, with the attributes that a vault makes it with. */
        AS_MADE,
        /** Named like a vault's, and something else: no vault uses it. */
        NOT_AS_MADE,
        /** Nobody's that we know. */
        UNKNOWN
    }

    public TokenObject {
        flags = List.copyOf(flags);
    }
}
