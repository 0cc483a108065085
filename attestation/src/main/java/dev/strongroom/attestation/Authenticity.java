package dev.strongroom.attestation;

import java.util.List;

/** What one TEE's verifier says of evidence, in the terms that all TEEs share. */
sealed interface Authenticity {
    /**
     * The vendor's hardware signed it.
     *
     * @param claims what it says
     * @param binding what it speaks for
     * @param floor rules that no policy can relax, judged
     */
    record Authentic(Claims claims, Binding binding, List<RuleOutcome> floor)
            implements Authenticity {}

    /** It did not, or nobody can tell. */
    record Refused(String rule, String reason) implements Authenticity {}

    /** What authentic evidence is bound to; each TEE has its own fields for it. */
    interface Binding {
        /** Whether it was made for this report data (64 bytes). */
        boolean speaksFor(byte[] reportData);

        /** Whether the guest was launched with this host data: {@link NodeOwners#hostData}. */
        boolean launchedWith(Digest hostData);
    }
}
