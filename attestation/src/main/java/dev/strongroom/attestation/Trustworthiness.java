package dev.strongroom.attestation;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Sums rule outcomes up as a {@link TrustVector}. */
final class Trustworthiness {
    static final TrustVector NOTHING =
            new TrustVector(TrustVector.NO_CLAIM, TrustVector.NO_CLAIM, TrustVector.NO_CLAIM);

    /** Claims that say which machine and firmware it is. */
    private static final Pattern HARDWARE =
            Pattern.compile(
                    ".*\\.(tcb|platform|firmware|mitigations|product|signer|provider|chip-id|chip"
                            + "|seam|qe|fmspc|advisories|provisional|cpuid)([.-].*)?|policy\\.tee");

    /** Claims that say what was launched. */
    private static final Pattern EXECUTABLES =
            Pattern.compile(
                    ".*\\.(measurement|measurements|image-id|family-id|guest-svn|id-key-digest"
                            + "|author-key-digest|author-key|mrtd|rtmr[0-9]|pcr[0-9]+|pcrs?)"
                            + "([.-].*)?");

    private static final Set<String> REVOKED = Set.of("revoked", "tcb-status");

    /** Authentic, and nothing else was asked. */
    static final TrustVector GENUINE_ONLY =
            new TrustVector(
                    TrustVector.GENUINE_HARDWARE, TrustVector.NO_CLAIM, TrustVector.NO_CLAIM);

    private Trustworthiness() {}

    /** Evidence that no hardware vouches for says nothing but that. */
    static TrustVector ofUnauthentic(String rule) {
        boolean revoked = REVOKED.stream().anyMatch(rule::endsWith);
        return new TrustVector(
                revoked ? TrustVector.CONTRAINDICATED_HARDWARE : TrustVector.NOT_AUTHENTIC,
                TrustVector.NO_CLAIM,
                TrustVector.NO_CLAIM);
    }

    static TrustVector of(List<RuleOutcome> rules) {
        int hardware = TrustVector.GENUINE_HARDWARE;
        int executables = TrustVector.APPROVED_EXECUTABLES;
        int configuration = TrustVector.APPROVED_CONFIGURATION;
        for (RuleOutcome rule : rules) {
            if (!rule.hasFailed()) {
                continue;
            }
            if (HARDWARE.matcher(rule.rule()).matches()) {
                hardware = TrustVector.UNSAFE_HARDWARE;
            } else if (EXECUTABLES.matcher(rule.rule()).matches()) {
                executables = TrustVector.UNRECOGNIZED_EXECUTABLES;
            } else if (rule.rule().startsWith("policy.") || rule.rule().startsWith("binding.")) {
                configuration = Math.max(configuration, TrustVector.UNSAFE_CONFIGURATION);
            } else {
                configuration = TrustVector.UNSUPPORTABLE_CONFIGURATION;
            }
        }
        return new TrustVector(hardware, executables, configuration);
    }
}
