package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Claims;

/** Whether a document is what a Nitro hypervisor signed; says nothing about fitness. */
public sealed interface NitroVerdict {
    /** It is: {@code claims} are what the hypervisor says. */
    record Authentic(NitroDocument document, Claims claims) implements NitroVerdict {}

    /** It is not, or nobody can tell; {@code rule} is stable. */
    record Refused(String rule, String reason) implements NitroVerdict {}
}
