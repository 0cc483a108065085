package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.Claims;

/** What the verifier of the processor's own evidence says. */
public sealed interface ProcessorVerdict {
    /**
     * The processor's vendor vouches for it.
     *
     * @param reportData 64 bytes that it speaks for
     * @param claims by the names of the processor's own package
     */
    record Authentic(byte[] reportData, Claims claims) implements ProcessorVerdict {}

    /** It does not; the rule is of the processor's own package. */
    record Refused(String rule, String reason) implements ProcessorVerdict {}
}
