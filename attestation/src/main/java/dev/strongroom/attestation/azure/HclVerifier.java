package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Tee;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Says whether an HCL report is authentic: parsed strictly, the processor's evidence verified by
 * its own verifier, and the runtime data the very one whose hash the processor signed. By itself it
 * speaks for no challenge: it was made at boot.
 *
 * <p>Immutable and thread-safe.
 */
public final class HclVerifier {
    private final ProcessorVerifier snp;
    private final ProcessorVerifier tdx;

    /**
     * @param snp judges SEV-SNP reports
     * @param tdx judges TDX quotes
     */
    public HclVerifier(ProcessorVerifier snp, ProcessorVerifier tdx) {
        this.snp = snp;
        this.tdx = tdx;
    }

    /**
     * Judges a report at one moment.
     *
     * @param tdQuote the TDX quote over the TDREPORT inside; empty on SEV-SNP
     */
    public HclVerdict verify(byte[] hclReport, byte[] tdQuote, Instant now) {
        try {
            HclReport report = HclReport.parse(hclReport);
            RuntimeClaims runtime = RuntimeClaims.parse(report.variableData());
            requireQuote(report, tdQuote);
            ProcessorVerdict verdict =
                    switch (report.isolation()) {
                        case SEV_SNP -> snp.verify(report.hardwareReport(), now);
                        case TDX -> tdx.verify(tdQuote.clone(), now);
                    };
            return switch (verdict) {
                case ProcessorVerdict.Refused(String rule, String reason) ->
                        new HclVerdict.Refused(rule, reason);
                case ProcessorVerdict.Authentic(byte[] reportData, Claims claims) ->
                        bound(report, runtime, reportData, claims);
            };
        } catch (AzureFormatException e) {
            return new HclVerdict.Refused("azure.format", String.valueOf(e.getMessage()));
        } catch (AzureRefusal e) {
            return new HclVerdict.Refused(e.rule(), e.reason());
        }
    }

    private static void requireQuote(HclReport report, byte[] tdQuote) throws AzureRefusal {
        if ((report.isolation() == HclReport.Isolation.TDX) != (tdQuote.length > 0)) {
            throw new AzureRefusal(
                    "azure.td-quote",
                    "expected a TDX quote with a TDREPORT, and none with an SEV-SNP report");
        }
    }

    /** The processor speaks for the report beside it, and that one for the runtime data. */
    private static HclVerdict bound(
            HclReport report, RuntimeClaims runtime, byte[] reportData, Claims processor) {
        byte[] expected = report.expectedReportData();
        if (!MessageDigest.isEqual(reportData, expected)
                || !MessageDigest.isEqual(report.reportData(), expected)) {
            return new HclVerdict.Refused(
                    "azure.runtime-data",
                    "the processor vouches for other runtime data: expected its hash, then zeros,"
                            + " in the report data");
        }
        var values = new HashMap<>(processor.values());
        values.putAll(runtime.values());
        Tee tee = tee(report, processor);
        values.put("tee", tee.label());
        return new HclVerdict.Authentic(
                report, runtime.attestationKey(), with(processor, tee, values));
    }

    private static Tee tee(HclReport report, Claims processor) {
        if (processor.tee() == Tee.SIMULATED) {
            return Tee.SIMULATED;
        }
        return report.isolation() == HclReport.Isolation.TDX ? Tee.AZURE_TDX : Tee.AZURE_SNP;
    }

    static Claims with(Claims processor, Tee tee, Map<String, String> values) {
        return new Claims(tee, processor.rootFingerprint(), processor.hostData(), values);
    }
}
