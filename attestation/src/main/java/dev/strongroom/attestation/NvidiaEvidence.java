package dev.strongroom.attestation;

import dev.strongroom.attestation.nvidia.NvidiaReport;
import dev.strongroom.attestation.nvidia.NvidiaVerdict;
import dev.strongroom.attestation.nvidia.NvidiaVerifier;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;

/** An NVIDIA GPU: bound by its nonce, launched for nobody. */
record NvidiaEvidence(NvidiaVerifier verifier) implements EvidenceKind {
    @Override
    public List<String> rules() {
        return NvidiaVerifier.RULES;
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        return switch (verifier.verify(
                document,
                items.of(EvidenceItem.Kind.CERTIFICATE),
                items.of(EvidenceItem.Kind.REFERENCE_MANIFEST),
                now)) {
            case NvidiaVerdict.Refused(String rule, String reason) ->
                    new Authenticity.Refused(rule, reason);
            case NvidiaVerdict.Authentic(NvidiaReport report, Claims claims) ->
                    new Authenticity.Authentic(claims, new Bound(report), List.of());
        };
    }

    /** Here the data to speak for is {@link Transcript#deviceNonce()}. */
    private record Bound(NvidiaReport report) implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] deviceNonce) {
            return MessageDigest.isEqual(report.nonce(), deviceNonce);
        }

        @Override
        public boolean launchedWith(Digest hostData) {
            return false;
        }
    }
}
