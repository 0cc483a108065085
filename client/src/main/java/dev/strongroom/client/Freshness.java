package dev.strongroom.client;

import dev.strongroom.client.NodeProof.Binding;
import java.time.Duration;
import java.time.Instant;

/** Why evidence is believed to be of now. */
sealed interface Freshness {
    Binding binding();

    /** The evidence was made after this moment. */
    Instant notBefore(Instant leaseIssued);

    /**
     * It answers a nonce that this caller drew.
     *
     * @param nonce as {@link dev.strongroom.attestation.ServingNonce} made it of that one
     */
    record Asked(byte[] nonce, Instant at, Binding binding) implements Freshness {
        @Override
        public Instant notBefore(Instant leaseIssued) {
            return at;
        }
    }

    /** It names the lease, in which the vault's signature says when it was given. */
    record AfterLease() implements Freshness {
        @Override
        public Binding binding() {
            return Binding.PEER_KEY;
        }

        @Override
        public Instant notBefore(Instant leaseIssued) {
            return leaseIssued;
        }
    }

    /** True for evidence that was made at most so long ago. */
    static boolean isWithin(Duration maxAge, Instant evidenceNotBefore, Instant now) {
        return !now.isAfter(evidenceNotBefore.plus(maxAge));
    }
}
