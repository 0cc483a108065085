package dev.strongroom.attestation;

import dev.strongroom.attestation.policy.ReleasePolicy;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns evidence into trust, or into a refusal that names the rule. The only maker of {@link
 * Attested}.
 *
 * <p>The order is fixed: the challenge is used up, then authenticity by the verifier of the
 * evidence's kind (format, chain, revocation, signature), attached devices, binding to the
 * challenge, the owners that the guest was launched for, rules that no policy can relax (no
 * debugging, no migration), and last the owner's policy.
 *
 * <p>Rules that a refusal can name; they are stable, policies and audit records quote them:
 *
 * <ul>
 *   <li>{@code challenge.used}, {@code challenge.expired}
 *   <li>{@code evidence.format}: no kind that keys are released to; {@code collateral.readable}
 *   <li>those of the verifier: {@link dev.strongroom.attestation.snp.SnpVerifier#RULES} ({@code
 *       snp.…}), packages {@code tdx}, {@code nitro}, {@code azure}, {@code tpm} and {@code nvidia}
 *   <li>{@code binding.device-nonce}, {@code binding.report-data}, {@code binding.host-data}
 *   <li>{@code snp.policy.debug}, {@code snp.policy.migrate-ma}, {@code snp.vmpl}; {@code
 *       tdx.attributes.…}, {@code tdx.xfam.unknown}, {@code tdx.mrconfigid}; {@code nitro.debug};
 *       on Azure those of the processor
 *   <li>{@code policy.co-owners}, {@code policy.posture}, {@code policy.any-of}, {@code policy.}
 *       and the claim, {@code policy.unset.} and the claim that the policy passes over, or {@code
 *       policy.unpinned.tpm.pcr}
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class EvidenceVerifier {
    private final TrustAnchors anchors;
    private final CollateralSource collateral;
    private final InstantSource clock;
    private final Map<Evidence.Format, EvidenceKind> kinds;
    private final Optional<AttachedDevices> devices;

    /**
     * @param anchors the roots to believe
     * @param collateral the operator's own revocation lists, TCB info and certificates
     * @param clock for the validity of certificates, lists and challenges
     */
    public EvidenceVerifier(
            TrustAnchors anchors, CollateralSource collateral, InstantSource clock) {
        this.anchors = anchors;
        this.collateral = collateral;
        this.clock = clock;
        this.kinds = EvidenceKinds.forRelease(anchors);
        this.devices = AttachedDevices.of(anchors);
    }

    /** A verifier whose operator provides nothing: all collateral comes with the evidence. */
    public EvidenceVerifier(TrustAnchors anchors, InstantSource clock) {
        this(anchors, CollateralSource.NONE, clock);
    }

    /** Names the roots this verifier believes: {@link TrustAnchors#fingerprint()}. */
    public Digest rootFingerprint() {
        return anchors.fingerprint();
    }

    /** The world that accepted evidence comes from: {@link TrustAnchors#tee()}. */
    public Tee tee() {
        return anchors.tee();
    }

    /**
     * Judges evidence. The challenge is used up whatever the verdict.
     *
     * @return {@link Verdict.Trusted}, or {@link Verdict.Refused} with the first rule that failed
     */
    public <K> Verdict<K> verify(Evidence evidence, Challenge<K> challenge, ReleasePolicy policy) {
        return appraise(evidence, challenge, policy).verdict();
    }

    /** The same with every rule's outcome. */
    public <K> Appraised<K> appraise(
            Evidence evidence, Challenge<K> challenge, ReleasePolicy policy) {
        Instant now = clock.instant();
        var rules = new Rules();
        if (!challenge.claim()) {
            return refused(rules, "challenge.used", "the challenge has been answered before");
        }
        if (now.isAfter(challenge.notAfter())) {
            return refused(rules, "challenge.expired", "the challenge expired; ask for a new one");
        }
        byte[] document = evidence.document().clone();
        byte[] deviceNonce = challenge.expected().deviceNonce();
        return switch (authenticity(evidence, document, deviceNonce, rules, now)) {
            case Authenticity.Refused(String rule, String reason) ->
                    new Appraised<>(
                            new Verdict.Refused<>(rule, reason),
                            new AppraisalResult(
                                    Trustworthiness.ofUnauthentic(rule),
                                    rules.outcomes(),
                                    Optional.empty()));
            case Authenticity.Authentic authentic ->
                    appraise(authentic, evidence.digest(), rules, challenge, policy);
        };
    }

    /** Which rules of authenticity hold; the refusal, if any, is noted among them. */
    private Authenticity authenticity(
            Evidence evidence, byte[] document, byte[] deviceNonce, Rules rules, Instant now) {
        EvidenceKind kind = kinds.get(evidence.format());
        if (kind == null || (devices.isEmpty() && !evidence.devices().isEmpty())) {
            return rules.noted(
                    List.of("evidence.format"),
                    new Authenticity.Refused(
                            "evidence.format", "this verifier does not take such evidence"));
        }
        Items items;
        try {
            items = Items.of(evidence.items(), collateral.current());
        } catch (IOException e) {
            return rules.noted(
                    List.of("collateral.readable"),
                    new Authenticity.Refused(
                            "collateral.readable",
                            "the operator's collateral cannot be read: " + e.getMessage()));
        }
        Authenticity outcome = rules.noted(kind.rules(), kind.verify(document, items, now));
        if (outcome instanceof Authenticity.Authentic cpu && !evidence.devices().isEmpty()) {
            return rules.noted(
                    AttachedDevices.RULES,
                    devices.orElseThrow()
                            .join(
                                    cpu,
                                    evidence.devices(),
                                    items,
                                    binding -> binding.speaksFor(deviceNonce),
                                    now));
        }
        return outcome;
    }

    private static <K> Appraised<K> appraise(
            Authenticity.Authentic authentic,
            Digest evidenceDigest,
            Rules rules,
            Challenge<K> challenge,
            ReleasePolicy policy) {
        Transcript expected = challenge.expected();
        rules.add(
                Rules.outcome(
                        "binding.report-data",
                        authentic.binding().speaksFor(expected.reportData()),
                        "the evidence does not speak for this challenge"));
        rules.add(
                Rules.outcome(
                        "binding.host-data",
                        authentic.binding().launchedWith(expected.owners().hostData()),
                        "the guest was not launched for this owner and the co-owners that it names,"
                                + " if any: its host data is another"));
        rules.addAll(authentic.floor());
        rules.add(policy.judge(expected.owners()));
        rules.addAll(policy.judge(authentic.claims(), expected.posture()));
        var result =
                new AppraisalResult(
                        Trustworthiness.of(rules.outcomes()),
                        rules.outcomes(),
                        Optional.of(authentic.claims()));
        Verdict<K> verdict =
                result.refusal()
                        .<Verdict<K>>map(
                                failed -> new Verdict.Refused<>(failed.rule(), failed.expected()))
                        .orElseGet(() ->
                                new Verdict.Trusted<>(
                                        new Attested<>(
                                                challenge.subject(),
                                                expected,
                                                authentic.claims(),
                                                evidenceDigest)));
        return new Appraised<>(verdict, result);
    }

    private static <K> Appraised<K> refused(Rules rules, String rule, String reason) {
        rules.add(RuleOutcome.failed(rule, reason));
        return new Appraised<>(
                new Verdict.Refused<>(rule, reason),
                new AppraisalResult(Trustworthiness.NOTHING, rules.outcomes(), Optional.empty()));
    }
}
