package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Claims;

/** Whether a quote is what Intel hardware (or a test chip) signed; says nothing about fitness. */
public sealed interface TdxVerdict {
    /**
     * It is.
     *
     * @param quote what was signed
     * @param tcb how Intel rates the platform that signed
     * @param claims both by name, for policies
     */
    record Authentic(TdxQuote quote, TcbAssessment tcb, Claims claims) implements TdxVerdict {}

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements TdxVerdict {}
}
