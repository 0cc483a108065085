package dev.strongroom.attestation;

import dev.strongroom.attestation.simulated.SimulatedAnchors;
import dev.strongroom.attestation.snp.SnpRoots;

/**
 * Which roots a verifier believes. There are two kinds and no setting, file or service adds a
 * third: the hardware vendor's pinned roots, or one test root that testkit code hands to a
 * constructor.
 *
 * <p>Immutable and thread-safe.
 */
public sealed interface TrustAnchors permits AmdAnchors, SimulatedAnchors {
    /** AMD's root keys (ARK) of the Milan, Genoa and Turin lines. */
    static AmdAnchors amd() {
        return AmdAnchors.PINNED;
    }

    /** What evidence under these roots comes from. */
    Tee tee();

    /**
     * Names the set of roots in leases, tokens and audit records: the fingerprint of a test root
     * itself, or the SHA-256 over the sorted fingerprints of the vendor's roots.
     */
    Digest fingerprint();

    /** The roots as the SEV-SNP verifier needs them. */
    SnpRoots snpRoots();
}
