package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.snp.SnpVerdict;
import dev.strongroom.attestation.snp.SnpVerifier;
import dev.strongroom.attestation.tdx.TdxCollateral;
import dev.strongroom.attestation.tdx.TdxVerdict;
import dev.strongroom.attestation.tdx.TdxVerifier;
import java.time.Instant;
import java.util.List;

/** Judges the processor's own evidence inside Azure's: an SEV-SNP report, or a TDX quote. */
@FunctionalInterface
public interface ProcessorVerifier {
    /** Judges at one moment; throws nothing whatever the bytes. */
    ProcessorVerdict verify(byte[] document, Instant now);

    /**
     * By SEV-SNP's verifier.
     *
     * @param certificates X.509, DER, in any order
     * @param lists revocation lists, DER, in any order
     */
    static ProcessorVerifier snp(
            SnpVerifier verifier, List<byte[]> certificates, List<byte[]> lists) {
        return (report, now) ->
                switch (verifier.verify(report, certificates, lists, now)) {
                    case SnpVerdict.Refused(String rule, String reason) ->
                            new ProcessorVerdict.Refused(rule, reason);
                    case SnpVerdict.Authentic(SnpReport authentic, Claims claims) ->
                            new ProcessorVerdict.Authentic(authentic.reportData(), claims);
                };
    }

    /**
     * By TDX's verifier, with Intel's collateral. How Intel rates the platform is in the claims.
     */
    static ProcessorVerifier tdx(TdxVerifier verifier, TdxCollateral collateral) {
        return (quote, now) ->
                switch (verifier.verify(quote, collateral, now)) {
                    case TdxVerdict.Refused(String rule, String reason) ->
                            new ProcessorVerdict.Refused(rule, reason);
                    case TdxVerdict.Authentic authentic ->
                            new ProcessorVerdict.Authentic(
                                    authentic.quote().report().reportData(), authentic.claims());
                };
    }
}
