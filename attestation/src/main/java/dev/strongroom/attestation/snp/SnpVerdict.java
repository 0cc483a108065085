package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Claims;

/** Whether a report is what AMD hardware (or the test chip) signed; says nothing about fitness. */
public sealed interface SnpVerdict {
    /** It is: {@code claims} are what the signer says. */
    record Authentic(SnpReport report, Claims claims) implements SnpVerdict {}

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements SnpVerdict {}
}
