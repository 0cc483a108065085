package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.format.Lease;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What this node asks the vault for a lease with, and therefore what an answer must repeat.
 *
 * @param transcript what its evidence speaks for
 * @param nodeNonce drawn for this request: a lease that repeats it was signed after it
 * @param askedNanos monotonic reading from before the request was sent; a lease's time counts from
 *     here, so that no delay of the answer makes it longer
 * @param before the lease that is renewed; empty when a key is asked for
 */
record Question(Transcript transcript, byte[] nodeNonce, long askedNanos, Optional<Lease> before) {
    static byte[] drawNonce(SecureRandom random) {
        byte[] nonce = new byte[Transcript.NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }

    /** For a key: the transcript names the one that it shall be wrapped to. */
    static Question forKey(Transcript transcript, SecureRandom random, LongSupplier nanos) {
        return new Question(transcript, drawNonce(random), nanos.getAsLong(), Optional.empty());
    }

    /** For more time under the key that this node has. */
    static Question forRenewal(
            Transcript transcript, Lease before, SecureRandom random, LongSupplier nanos) {
        return new Question(transcript, drawNonce(random), nanos.getAsLong(), Optional.of(before));
    }

    /** Digest of the release key that the lease must name. */
    Digest kemKey() {
        return before.map(Lease::kemKeyDigest).orElseGet(() -> Digest.sha256(transcript.kemSpki()));
    }
}
