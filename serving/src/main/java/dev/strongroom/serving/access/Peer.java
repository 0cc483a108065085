package dev.strongroom.serving.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.infer.Caller;
import java.util.Optional;

/**
 * The other end of a connection.
 *
 * @param key digest of the certificate's SubjectPublicKeyInfo; empty without a certificate
 * @param caller empty if the certificate names no identity of this vault
 * @param admitted whether calls over the connection are taken
 */
public record Peer(Optional<Digest> key, Optional<Caller> caller, Admitted admitted) {
    /** Without a certificate. */
    public static final Peer ANONYMOUS = new Peer(Optional.empty(), Optional.empty(), Admitted.YES);

    /** Whether calls over a connection are taken. */
    public enum Admitted {
        YES,
        /** The policy takes none from this address. */
        ADDRESS_DENIED,
        /** The identity has as many connections as it may have. */
        TOO_MANY
    }

    Peer but(Admitted reason) {
        return new Peer(key, caller, reason);
    }
}
