package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Digest;
import java.util.Set;

/**
 * What a TDX verifier believes without being told.
 *
 * @param roots SHA-256 of whole root certificates
 * @param minEvaluationDataNumber the lowest tcbEvaluationDataNumber of TCB info and QE identity
 *     that counts; Intel raises it with every TCB recovery. Dates bound the age of collateral
 *     anyway; this ends an older recovery before its collateral expires
 */
public record TdxRoots(Set<Digest> roots, int minEvaluationDataNumber) {
    private static final TdxRoots INTEL =
            new TdxRoots(
                    Set.of(
                            // https://certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer
                            new Digest(
                                    "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3")),
                    0);

    public TdxRoots {
        roots = Set.copyOf(roots);
        if (minEvaluationDataNumber < 0) {
            throw new IllegalArgumentException(
                    "minEvaluationDataNumber: " + minEvaluationDataNumber + " (expected: >= 0)");
        }
    }

    /** Intel's SGX root, which TDX shares. */
    public static TdxRoots intel() {
        return INTEL;
    }

    /** Exactly the root certificate with this SHA-256: a test root, unless it is Intel's. */
    public static TdxRoots of(Digest root) {
        return new TdxRoots(Set.of(root), 0);
    }

    public TdxRoots withMinEvaluationDataNumber(int minimum) {
        return new TdxRoots(roots, minimum);
    }
}
