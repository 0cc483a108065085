package dev.strongroom.attestation;

import dev.strongroom.attestation.tpm.AkTrust;
import dev.strongroom.attestation.tpm.TpmEvidence;
import dev.strongroom.attestation.tpm.TpmFormatException;
import dev.strongroom.attestation.tpm.TpmQuote;
import dev.strongroom.attestation.tpm.TpmVerdict;
import dev.strongroom.attestation.tpm.TpmVerifier;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A TPM's quote under the key that the operator vouches for, for looking at. A TPM alone isolates
 * nothing, so that {@link EvidenceVerifier} takes no such evidence.
 */
record RecordedTpmEvidence() implements EvidenceKind {
    @Override
    public List<String> rules() {
        return TpmVerifier.RULES;
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        byte[] key = items.first(EvidenceItem.Kind.ATTESTATION_KEY);
        var evidence =
                new TpmEvidence(
                        document,
                        items.first(EvidenceItem.Kind.TPM_SIGNATURE),
                        new byte[0],
                        items.first(EvidenceItem.Kind.PCR_VALUES),
                        items.first(EvidenceItem.Kind.EVENT_LOG));
        if (key.length == 0) {
            return new Authenticity.Refused(
                    "tpm.ak.missing", "expected the attestation key among the endorsements");
        }
        try {
            var verifier = new TpmVerifier(AkTrust.Vouched.of(key));
            return switch (verifier.verify(evidence, List.of(), now)) {
                case TpmVerdict.Refused(String rule, String reason) ->
                        new Authenticity.Refused(rule, reason);
                case TpmVerdict.Authentic(TpmQuote quote, Map<String, String> claims) ->
                        new Authenticity.Authentic(
                                new Claims(Tee.TPM, Digest.sha256(key), new byte[0], claims),
                                new Bound(quote),
                                List.of());
            };
        } catch (TpmFormatException e) {
            return new Authenticity.Refused("tpm.format", String.valueOf(e.getMessage()));
        }
    }

    private record Bound(TpmQuote quote) implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] reportData) {
            return quote.speaksFor(reportData);
        }

        @Override
        public boolean launchedFor(Digest ownerId) {
            return false;
        }
    }
}
