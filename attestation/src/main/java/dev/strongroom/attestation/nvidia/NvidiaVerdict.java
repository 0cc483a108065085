package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Claims;

/** Whether a report is what an NVIDIA GPU signed; says nothing about fitness. */
public sealed interface NvidiaVerdict {
    /** It is: {@code claims} are what the GPU says, and how it compares with its manifests. */
    record Authentic(NvidiaReport report, Claims claims) implements NvidiaVerdict {}

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements NvidiaVerdict {}
}
