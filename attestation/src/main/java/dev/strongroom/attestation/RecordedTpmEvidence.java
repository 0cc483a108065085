package dev.strongroom.attestation;

import dev.strongroom.attestation.tpm.AkTrust;
import dev.strongroom.attestation.tpm.TpmEvidence;
import dev.strongroom.attestation.tpm.TpmFormatException;
import dev.strongroom.attestation.tpm.TpmPublic;
import dev.strongroom.attestation.tpm.TpmQuote;
import dev.strongroom.attestation.tpm.TpmVerdict;
import dev.strongroom.attestation.tpm.TpmVerifier;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A TPM's quote under a key that the operator vouches for, for looking at: a key that comes with
 * the evidence stands for nothing but itself. Where its public area is at hand, that must say that
 * the TPM keeps the key restricted. A TPM alone isolates nothing, so that {@link EvidenceVerifier}
 * takes no such evidence.
 */
record RecordedTpmEvidence() implements EvidenceKind {
    @Override
    public List<String> rules() {
        return TpmVerifier.RULES;
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        Authenticity outcome =
                new Authenticity.Refused(
                        "tpm.ak.missing",
                        "expected the attestation key among the operator's own endorsements");
        for (byte[] key : items.ofOperator(EvidenceItem.Kind.ATTESTATION_KEY)) {
            outcome = verify(document, items, key, now);
            if (outcome instanceof Authenticity.Authentic) {
                return outcome;
            }
        }
        return outcome;
    }

    private static Authenticity verify(byte[] document, Items items, byte[] key, Instant now) {
        try {
            var trust = AkTrust.Vouched.of(key);
            var evidence =
                    new TpmEvidence(
                            document,
                            items.first(EvidenceItem.Kind.TPM_SIGNATURE),
                            publicArea(items, trust.key()),
                            items.first(EvidenceItem.Kind.PCR_VALUES),
                            items.first(EvidenceItem.Kind.EVENT_LOG));
            return switch (new TpmVerifier(trust).verify(evidence, List.of(), now)) {
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

    /** The whole public area of a key, whoever gives it; empty bytes stand for none. */
    private static byte[] publicArea(Items items, PublicKey key) {
        return items.of(EvidenceItem.Kind.ATTESTATION_KEY).stream()
                .flatMap(given -> area(given).stream())
                .filter(area -> Arrays.equals(area.key().getEncoded(), key.getEncoded()))
                .findFirst()
                .map(TpmPublic::encoded)
                .orElseGet(() -> new byte[0]);
    }

    private static Optional<TpmPublic> area(byte[] key) {
        try {
            return Optional.of(TpmPublic.parse(key));
        } catch (TpmFormatException e) {
            return Optional.empty(); // SubjectPublicKeyInfo
        }
    }

    private record Bound(TpmQuote quote) implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] reportData) {
            return quote.speaksFor(reportData);
        }

        @Override
        public boolean launchedWith(Digest hostData) {
            return false;
        }
    }
}
