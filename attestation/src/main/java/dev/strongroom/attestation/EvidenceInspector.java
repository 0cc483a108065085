package dev.strongroom.attestation;

import dev.strongroom.attestation.policy.ReleasePolicy;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at evidence without a challenge: whether the vendor's hardware signed it, what it says, and
 * what a policy would say of it. Nothing that it answers lets anybody do anything: whether evidence
 * is fresh and whom it speaks for, only {@link EvidenceVerifier} can tell, nor whether devices were
 * asked together with the CPU.
 *
 * <p>Immutable and thread-safe.
 */
public final class EvidenceInspector {
    private final CollateralSource collateral;
    private final Map<Evidence.Format, EvidenceKind> kinds;
    private final Optional<AttachedDevices> devices;

    /**
     * @param anchors the roots to believe
     * @param collateral certificates, lists and the like beside those of the evidence
     * @param revocation what the absence of a current revocation list means
     */
    public EvidenceInspector(
            TrustAnchors anchors, CollateralSource collateral, Revocation revocation) {
        this.collateral = collateral;
        this.kinds = EvidenceKinds.forInspection(anchors, revocation);
        this.devices = AttachedDevices.of(anchors);
    }

    /** Judges authenticity at a moment of the caller's choice. */
    public AppraisalResult inspect(Evidence evidence, Instant at) {
        return inspect(evidence, at, Optional.empty());
    }

    /** The same, and what a policy says of the claims, with the posture that it wants itself. */
    public AppraisalResult inspect(Evidence evidence, Instant at, ReleasePolicy policy) {
        return inspect(evidence, at, Optional.of(policy));
    }

    private AppraisalResult inspect(Evidence evidence, Instant at, Optional<ReleasePolicy> policy) {
        var rules = new Rules();
        return switch (authenticity(evidence, rules, at)) {
            case Authenticity.Refused(String rule, _) ->
                    new AppraisalResult(
                            Trustworthiness.ofUnauthentic(rule),
                            rules.outcomes(),
                            Optional.empty());
            case Authenticity.Authentic authentic -> {
                policy.ifPresent(demands -> {
                    rules.addAll(authentic.floor());
                    rules.addAll(demands.judge(authentic.claims(), demands.minPosture()));
                });
                yield new AppraisalResult(
                        policy.isPresent()
                                ? Trustworthiness.of(rules.outcomes())
                                : Trustworthiness.GENUINE_ONLY,
                        rules.outcomes(),
                        Optional.of(authentic.claims()));
            }
        };
    }

    private Authenticity authenticity(Evidence evidence, Rules rules, Instant at) {
        EvidenceKind kind = kinds.get(evidence.format());
        if (kind == null || (devices.isEmpty() && !evidence.devices().isEmpty())) {
            return rules.noted(
                    List.of("evidence.format"),
                    new Authenticity.Refused(
                            "evidence.format", "this program does not verify such evidence"));
        }
        Items items;
        try {
            items = Items.of(evidence.items(), collateral.current());
        } catch (IOException e) {
            return rules.noted(
                    List.of("collateral.readable"),
                    new Authenticity.Refused(
                            "collateral.readable",
                            "the collateral cannot be read: " + e.getMessage()));
        }
        Authenticity outcome =
                rules.noted(kind.rules(), kind.verify(evidence.document(), items, at));
        if (outcome instanceof Authenticity.Authentic cpu && !evidence.devices().isEmpty()) {
            return rules.noted(
                    AttachedDevices.RULES_WITHOUT_CHALLENGE,
                    devices.orElseThrow().join(cpu, evidence.devices(), items, _ -> true, at));
        }
        return outcome;
    }
}
