package dev.strongroom.attestation;

import dev.strongroom.attestation.simulated.SimulatedAnchors;
import dev.strongroom.attestation.snp.SnpRoots;

/**
 * Which roots a verifier believes. There are two kinds and no setting, file or service adds a
 * third: the hardware vendors' pinned roots, or one test root that testkit code hands to a
 * constructor.
 *
 * <p>Immutable and thread-safe.
 */
public sealed interface TrustAnchors permits VendorAnchors, SimulatedAnchors {
    /** The roots of AMD, Intel, AWS and NVIDIA. */
    static VendorAnchors vendors() {
        return VendorAnchors.PINNED;
    }

    /** {@link Tee#HARDWARE} or {@link Tee#SIMULATED}: the world these roots stand for. */
    Tee tee();

    /** Whether evidence of this kind can come from under these roots. */
    default boolean accepts(Tee evidence) {
        return evidence == Tee.SIMULATED
                ? tee() == Tee.SIMULATED
                : tee() == Tee.HARDWARE && evidence != Tee.HARDWARE;
    }

    /** Whether the root certificate with this SHA-256 is believed. */
    boolean believes(Digest rootCertificate);

    /**
     * Names the set of roots in leases, tokens and audit records: the fingerprint of a test root
     * itself, or the SHA-256 over the sorted fingerprints of the vendors' roots.
     */
    Digest fingerprint();

    /** The roots as the SEV-SNP verifier needs them. */
    SnpRoots snpRoots();
}
