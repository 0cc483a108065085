package dev.strongroom.vault.publish;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The two policies that rule a model at one moment. Immutable. */
public record InForce(VerifiedPolicy release, VerifiedPolicy output) {
    /** Which ones they are, in the order of a transcript. */
    public List<PolicyReference> references() {
        return List.of(release.reference(), output.reference());
    }

    /**
     * What the output policy says.
     *
     * @throws RefusedException POLICY_MALFORMED if it was set when the grammar was another
     */
    public OutputPolicy rules() throws RefusedException {
        return rules(output);
    }

    /** What an output policy says. */
    static OutputPolicy rules(VerifiedPolicy output) throws RefusedException {
        try {
            return OutputPolicy.parse(output.document().body());
        } catch (OutputFormatException e) {
            throw notUnderstood("output", e);
        }
    }

    /**
     * What the release policy says.
     *
     * @throws RefusedException POLICY_MALFORMED if it was set when the grammar was another
     */
    public ReleasePolicy releaseRules() throws RefusedException {
        try {
            return ReleasePolicy.parse(release.document().body());
        } catch (PolicyFormatException e) {
            throw notUnderstood("release", e);
        }
    }

    private static RefusedException notUnderstood(String kind, Exception why) {
        return new RefusedException(
                Reason.POLICY_MALFORMED,
                "the %s policy in force does not parse any more (%s); its owner sets another with: strongroom policy set"
                        .formatted(kind, why.getMessage()),
                why);
    }

    /**
     * Why these policies do not rule a version, which demands others; empty when they do.
     *
     * @param now expired policies rule nothing
     */
    public Optional<String> objection(ContentStatement version, Instant now) {
        ModelName model = version.model();
        return release.objection(Kind.RELEASE, model, version.releasePolicy(), now)
                .or(() -> output.objection(Kind.OUTPUT, model, version.outputPolicy(), now));
    }
}
