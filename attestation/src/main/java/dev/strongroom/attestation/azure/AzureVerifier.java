package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.tpm.AkTrust;
import dev.strongroom.attestation.tpm.TpmQuote;
import dev.strongroom.attestation.tpm.TpmVerdict;
import dev.strongroom.attestation.tpm.TpmVerifier;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says whether evidence of an Azure confidential VM is authentic: the processor's evidence by its
 * own verifier, the vTPM's key by the processor's report data, the quote by that key. The caller
 * compares the qualifying data ({@link TpmQuote#speaksFor}).
 *
 * <p>Immutable and thread-safe.
 */
public final class AzureVerifier {
    /**
     * Names of our own rules in the order in which they are checked; the processor's come between.
     */
    public static final List<String> RULES = rules();

    private final HclVerifier hcl;

    public AzureVerifier(HclVerifier hcl) {
        this.hcl = hcl;
    }

    /** Judges evidence at one moment. */
    public AzureVerdict verify(AzureEvidence evidence, Instant now) {
        return switch (hcl.verify(evidence.hclReport(), evidence.tdQuote(), now)) {
            case HclVerdict.Refused(String rule, String reason) ->
                    new AzureVerdict.Refused(rule, reason);
            case HclVerdict.Authentic(HclReport report, PublicKey key, Claims claims) ->
                    quoted(evidence, report, key, claims, now);
        };
    }

    private static AzureVerdict quoted(
            AzureEvidence evidence, HclReport report, PublicKey key, Claims claims, Instant now) {
        var tpm = new TpmVerifier(new AkTrust.Vouched(key));
        return switch (tpm.verify(evidence.tpm(), List.of(), now)) {
            case TpmVerdict.Refused(String rule, String reason) ->
                    new AzureVerdict.Refused(rule, reason);
            case TpmVerdict.Authentic(TpmQuote quote, Map<String, String> ofTpm) -> {
                var all = new HashMap<>(claims.values());
                all.putAll(ofTpm);
                yield new AzureVerdict.Authentic(
                        report, quote, HclVerifier.with(claims, claims.tee(), all));
            }
        };
    }

    private static List<String> rules() {
        var rules =
                new ArrayList<>(List.of("azure.format", "azure.td-quote", "azure.runtime-data"));
        rules.addAll(TpmVerifier.RULES);
        return List.copyOf(rules);
    }
}
