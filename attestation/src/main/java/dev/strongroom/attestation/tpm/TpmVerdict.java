package dev.strongroom.attestation.tpm;

import java.util.Map;

/** Whether a quote is what a believed TPM signed; says nothing about what was measured. */
public sealed interface TpmVerdict {
    /**
     * It is.
     *
     * @param claims what the TPM says, by the names in this package's documentation
     */
    record Authentic(TpmQuote quote, Map<String, String> claims) implements TpmVerdict {
        public Authentic {
            claims = Map.copyOf(claims);
        }
    }

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements TpmVerdict {}
}
