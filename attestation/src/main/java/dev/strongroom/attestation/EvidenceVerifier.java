package dev.strongroom.attestation;

import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.snp.GuestPolicy;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.snp.SnpVerdict;
import dev.strongroom.attestation.snp.SnpVerifier;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Turns evidence into trust, or into a refusal that names the rule. The only maker of {@link
 * Attested}.
 *
 * <p>The order is fixed: the challenge is used up, then authenticity (format, chain, signature),
 * binding to the challenge, the owner in the launch-measured host data, rules that no policy can
 * relax (no debugging, no migration agent, privilege level 0), and last the owner's policy.
 *
 * <p>Rules that a refusal can name; they are stable, policies and audit records quote them:
 *
 * <ul>
 *   <li>{@code challenge.used}, {@code challenge.expired}
 *   <li>{@code snp.format}: not a report of a known version; {@code snp.unsigned}: the platform
 *       does not sign
 *   <li>{@code snp.endorsements}: no complete chain of well-formed certificates came along
 *   <li>{@code snp.chain.root}, {@code .names}, {@code .validity}, {@code .keys}, {@code
 *       .signature}, {@code .path}, {@code .revoked}, {@code .revocation-unknown}
 *   <li>{@code snp.leaf.extension}, {@code snp.leaf.tcb}, {@code snp.leaf.chip-id}, {@code
 *       snp.leaf.provider}: the certificate is not for this report
 *   <li>{@code snp.signing-key}, {@code snp.product}, {@code snp.signature}
 *   <li>{@code binding.report-data}, {@code binding.host-data}
 *   <li>{@code snp.policy.debug}, {@code snp.policy.migrate-ma}, {@code snp.vmpl}
 *   <li>{@code policy.posture}, {@code policy.any-of}, or {@code policy.} and the claim
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class EvidenceVerifier {
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final SnpVerifier snp;

    /**
     * @param anchors the roots to believe
     * @param clock for the validity of certificates and challenges
     */
    public EvidenceVerifier(TrustAnchors anchors, InstantSource clock) {
        this.anchors = anchors;
        this.clock = clock;
        this.snp = new SnpVerifier(anchors.snpRoots(), anchors.tee());
    }

    /** Names the roots this verifier believes: {@link TrustAnchors#fingerprint()}. */
    public Digest rootFingerprint() {
        return anchors.fingerprint();
    }

    /** What evidence that this verifier accepts comes from. */
    public Tee tee() {
        return anchors.tee();
    }

    /**
     * Judges evidence. The challenge is used up whatever the verdict.
     *
     * @return {@link Verdict.Trusted}, or {@link Verdict.Refused} with the first rule that failed
     */
    public <K> Verdict<K> verify(Evidence evidence, Challenge<K> challenge, ReleasePolicy policy) {
        Instant now = clock.instant();
        if (!challenge.claim()) {
            return refused("challenge.used", "the challenge has been answered before");
        }
        if (now.isAfter(challenge.notAfter())) {
            return refused("challenge.expired", "the challenge expired; ask for a new one");
        }
        byte[] document = evidence.document().clone();
        return switch (evidence.format()) {
            case SNP_REPORT ->
                    switch (snp.verify(document, evidence.endorsements(), now)) {
                        case SnpVerdict.Refused(String rule, String reason) ->
                                refused(rule, reason);
                        case SnpVerdict.Authentic(SnpReport report, Claims claims) ->
                                appraise(report, claims, document, challenge, policy);
                    };
        };
    }

    private static <K> Verdict<K> appraise(
            SnpReport report,
            Claims claims,
            byte[] document,
            Challenge<K> challenge,
            ReleasePolicy policy) {
        Transcript expected = challenge.expected();
        if (!MessageDigest.isEqual(report.reportData(), expected.reportData())) {
            return refused("binding.report-data", "the evidence does not speak for this challenge");
        }
        if (!MessageDigest.isEqual(report.hostData(), expected.ownerId().bytes())) {
            return refused(
                    "binding.host-data",
                    "the guest was not launched for this owner: its host data is another");
        }
        Optional<Verdict.Refused<K>> unfit = builtInRefusal(report);
        if (unfit.isPresent()) {
            return unfit.get();
        }
        return switch (policy.evaluate(claims, expected.posture())) {
            case PolicyDecision.Denied(String rule, String reason) -> refused(rule, reason);
            case PolicyDecision.Allowed _ ->
                    new Verdict.Trusted<>(
                            new Attested<>(
                                    challenge.subject(),
                                    expected,
                                    claims,
                                    Digest.sha256(document)));
        };
    }

    private static <K> Optional<Verdict.Refused<K>> builtInRefusal(SnpReport report) {
        if (report.guestPolicy().allows(GuestPolicy.DEBUG)) {
            return Optional.of(
                    refused("snp.policy.debug", "the host may read this guest: debugging is on"));
        }
        if (report.guestPolicy().allows(GuestPolicy.MIGRATION_AGENT)) {
            return Optional.of(
                    refused("snp.policy.migrate-ma", "a migration agent may move this guest"));
        }
        if (report.vmpl() != 0) {
            return Optional.of(refused("snp.vmpl", "expected privilege level 0"));
        }
        return Optional.empty();
    }

    private static <K> Verdict.Refused<K> refused(String rule, String reason) {
        return new Verdict.Refused<>(rule, reason);
    }
}
