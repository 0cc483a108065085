package dev.strongroom.attestation.simulated;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.SnpRoots;
import java.util.Map;
import java.util.Set;

/**
 * One test root, made by a software chip. A verifier that holds it calls everything it accepts
 * simulated and accepts nothing that real hardware signed.
 *
 * <p>Immutable and thread-safe.
 */
public final class SimulatedAnchors implements TrustAnchors {
    private static final int TEST_RSA_BITS = 2048; // the smallest that is quick to make anew

    private final SnpRoots snpRoots;
    private final Digest root;

    private SimulatedAnchors(SnpRoots snpRoots, Digest root) {
        this.snpRoots = snpRoots;
        this.root = root;
    }

    /** Believes exactly the root certificate with this fingerprint, for chips of one line. */
    public static SimulatedAnchors of(Digest rootCertificate, ProductLine line) {
        return new SimulatedAnchors(
                new SnpRoots(Map.of(rootCertificate, line), TEST_RSA_BITS, Set.of()),
                rootCertificate);
    }

    @Override
    public Tee tee() {
        return Tee.SIMULATED;
    }

    @Override
    public boolean believes(Digest rootCertificate) {
        return root.equals(rootCertificate);
    }

    @Override
    public Digest fingerprint() {
        return root;
    }

    @Override
    public SnpRoots snpRoots() {
        return snpRoots;
    }
}
