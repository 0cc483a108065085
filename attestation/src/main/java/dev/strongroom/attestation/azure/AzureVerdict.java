package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.tpm.TpmQuote;

/** Whether evidence is what an Azure confidential VM's vTPM signed; says nothing about fitness. */
public sealed interface AzureVerdict {
    /**
     * It is.
     *
     * @param report the HCL report, with the processor's report inside
     * @param quote the vTPM's quote: compare {@link TpmQuote#speaksFor} with the challenge
     * @param claims the processor's, the vTPM's and Azure's own
     */
    record Authentic(HclReport report, TpmQuote quote, Claims claims) implements AzureVerdict {}

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements AzureVerdict {}
}
