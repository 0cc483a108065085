package dev.strongroom.attestation;

import dev.strongroom.attestation.snp.GuestPolicy;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.snp.SnpVerdict;
import dev.strongroom.attestation.snp.SnpVerifier;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;

/** SEV-SNP: bound by REPORT_DATA, launched for the owner in HOST_DATA. */
record SnpEvidence(SnpVerifier verifier) implements EvidenceKind {
    @Override
    public List<String> rules() {
        return SnpVerifier.RULES;
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        return switch (verifier.verify(
                document,
                items.of(EvidenceItem.Kind.CERTIFICATE),
                items.of(EvidenceItem.Kind.CRL),
                now)) {
            case SnpVerdict.Refused(String rule, String reason) ->
                    new Authenticity.Refused(rule, reason);
            case SnpVerdict.Authentic(SnpReport report, Claims claims) ->
                    new Authenticity.Authentic(claims, binding(report), floor(report));
        };
    }

    private static Authenticity.Binding binding(SnpReport report) {
        return new Authenticity.Binding() {
            @Override
            public boolean speaksFor(byte[] reportData) {
                return MessageDigest.isEqual(report.reportData(), reportData);
            }

            @Override
            public boolean launchedWith(Digest hostData) {
                return MessageDigest.isEqual(report.hostData(), hostData.bytes());
            }
        };
    }

    /** The rules that no policy can relax. */
    static List<RuleOutcome> floor(SnpReport report) {
        return List.of(
                Rules.outcome(
                        "snp.policy.debug",
                        !report.guestPolicy().allows(GuestPolicy.DEBUG),
                        "expected debugging to be off: the host could read this guest"),
                Rules.outcome(
                        "snp.policy.migrate-ma",
                        !report.guestPolicy().allows(GuestPolicy.MIGRATION_AGENT),
                        "expected no migration agent that may move this guest"),
                Rules.outcome("snp.vmpl", report.vmpl() == 0, "expected privilege level 0"));
    }
}
