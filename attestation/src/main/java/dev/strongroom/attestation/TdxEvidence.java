package dev.strongroom.attestation;

import dev.strongroom.attestation.tdx.LaunchRules;
import dev.strongroom.attestation.tdx.TdReport;
import dev.strongroom.attestation.tdx.TdxCollateral;
import dev.strongroom.attestation.tdx.TdxVerdict;
import dev.strongroom.attestation.tdx.TdxVerifier;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;

/**
 * Intel TDX: bound by REPORTDATA, launched for the owner in MRCONFIGID. TCB info, QE identity and
 * both revocation lists have to be there and current, whoever brings them.
 */
record TdxEvidence(TdxVerifier verifier) implements EvidenceKind {
    @Override
    public List<String> rules() {
        return TdxVerifier.RULES;
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        byte[] log = items.first(EvidenceItem.Kind.EVENT_LOG);
        return switch (verifier.verify(document, collateral(items), log, now)) {
            case TdxVerdict.Refused(String rule, String reason) ->
                    new Authenticity.Refused(rule, reason);
            case TdxVerdict.Authentic authentic ->
                    new Authenticity.Authentic(
                            authentic.claims(),
                            new Bound(authentic.quote().report()),
                            floor(authentic.quote().report()));
        };
    }

    static TdxCollateral collateral(Items items) {
        return new TdxCollateral(
                items.of(EvidenceItem.Kind.CERTIFICATE),
                items.of(EvidenceItem.Kind.CRL),
                items.of(EvidenceItem.Kind.TDX_TCB_INFO),
                items.of(EvidenceItem.Kind.TDX_QE_IDENTITY));
    }

    /** The first rule that no policy can relax and the domain breaks, or that it breaks none. */
    static List<RuleOutcome> floor(TdReport report) {
        return List.of(
                LaunchRules.refusal(report)
                        .map(refused -> RuleOutcome.failed(refused.rule(), refused.reason()))
                        .orElseGet(() -> RuleOutcome.passed("tdx.attributes", "")));
    }

    private record Bound(TdReport report) implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] reportData) {
            return MessageDigest.isEqual(report.reportData(), reportData);
        }

        @Override
        public boolean launchedWith(Digest hostData) {
            return MessageDigest.isEqual(report.hostData(), hostData.bytes());
        }
    }
}
