package dev.strongroom.attestation;

import dev.strongroom.attestation.azure.AzureEvidence;
import dev.strongroom.attestation.azure.AzureVerdict;
import dev.strongroom.attestation.azure.AzureVerifier;
import dev.strongroom.attestation.azure.HclReport;
import dev.strongroom.attestation.azure.HclVerifier;
import dev.strongroom.attestation.azure.ProcessorVerifier;
import dev.strongroom.attestation.snp.SnpFormatException;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.snp.SnpVerifier;
import dev.strongroom.attestation.tdx.TdxFormatException;
import dev.strongroom.attestation.tdx.TdxQuote;
import dev.strongroom.attestation.tdx.TdxVerifier;
import dev.strongroom.attestation.tpm.TpmEvidence;
import dev.strongroom.attestation.tpm.TpmQuote;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;

/**
 * An Azure confidential VM: bound by the vTPM's qualifying data. The launch fields of the
 * processor's report are Microsoft's, so that a guest is launched for an owner only where their
 * host data says so; on Azure's public machines it does not, and keys are not released to them.
 */
record AzureVtpmEvidence(SnpVerifier snp, TdxVerifier tdx) implements EvidenceKind {
    @Override
    public List<String> rules() {
        return AzureVerifier.RULES; // the processor's own appear where one of them refuses
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        var evidence =
                new AzureEvidence(
                        items.first(EvidenceItem.Kind.HCL_REPORT),
                        items.first(EvidenceItem.Kind.TDX_QUOTE),
                        new TpmEvidence(
                                document,
                                items.first(EvidenceItem.Kind.TPM_SIGNATURE),
                                items.first(EvidenceItem.Kind.ATTESTATION_KEY),
                                items.first(EvidenceItem.Kind.PCR_VALUES),
                                items.first(EvidenceItem.Kind.EVENT_LOG)));
        return verify(evidence, items, now);
    }

    Authenticity verify(AzureEvidence evidence, Items items, Instant now) {
        return switch (new AzureVerifier(hcl(items)).verify(evidence, now)) {
            case AzureVerdict.Refused(String rule, String reason) ->
                    new Authenticity.Refused(rule, reason);
            case AzureVerdict.Authentic(HclReport report, TpmQuote quote, Claims claims) ->
                    new Authenticity.Authentic(
                            claims, new Bound(quote, claims), floor(report, evidence.tdQuote()));
        };
    }

    HclVerifier hcl(Items items) {
        return new HclVerifier(
                ProcessorVerifier.snp(
                        snp,
                        items.of(EvidenceItem.Kind.CERTIFICATE),
                        items.of(EvidenceItem.Kind.CRL)),
                ProcessorVerifier.tdx(tdx, TdxEvidence.collateral(items)));
    }

    /** What the processor's own kind of evidence demands whatever a policy says. */
    static List<RuleOutcome> floor(HclReport report, byte[] tdQuote) {
        try {
            return switch (report.isolation()) {
                case SEV_SNP -> SnpEvidence.floor(SnpReport.parse(report.hardwareReport()));
                case TDX -> TdxEvidence.floor(TdxQuote.parse(tdQuote).report());
            };
        } catch (SnpFormatException | TdxFormatException e) {
            throw new IllegalStateException("the processor's verifier has read it before", e);
        }
    }

    private record Bound(TpmQuote quote, Claims claims) implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] reportData) {
            return quote.speaksFor(reportData);
        }

        @Override
        public boolean launchedWith(Digest hostData) {
            return claims.hostData().length == SnpReport.HOST_DATA_BYTES
                    && MessageDigest.isEqual(claims.hostData(), hostData.bytes());
        }
    }
}
