package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.Claims;
import java.security.PublicKey;

/** Whether an HCL report is what a processor vouches for. */
public sealed interface HclVerdict {
    /**
     * It is.
     *
     * @param attestationKey the vTPM's key that signs quotes
     * @param claims the processor's and Azure's own
     */
    record Authentic(HclReport report, PublicKey attestationKey, Claims claims)
            implements HclVerdict {}

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements HclVerdict {}
}
