package dev.strongroom.attestation;

import dev.strongroom.attestation.nitro.NitroDocument;
import dev.strongroom.attestation.nitro.NitroVerdict;
import dev.strongroom.attestation.nitro.NitroVerifier;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;

/**
 * AWS Nitro: bound by user_data, launched for the owner whose certificate signed the image (PCR8).
 * There is one such certificate, so that an enclave has one owner. A document's certificates live
 * for three hours, so AWS has no revocation lists.
 */
record NitroEvidence(NitroVerifier verifier) implements EvidenceKind {
    private static final List<String> RULES =
            List.of(
                    "nitro.format",
                    "nitro.chain.certificate",
                    "nitro.chain.keys",
                    "nitro.signature",
                    "nitro.chain.length",
                    "nitro.chain.root",
                    "nitro.chain.validity",
                    "nitro.chain.usage",
                    "nitro.chain.path",
                    "nitro.timestamp");

    @Override
    public List<String> rules() {
        return RULES;
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        return switch (verifier.verify(document, items.of(EvidenceItem.Kind.IMAGE_SIGNER), now)) {
            case NitroVerdict.Refused(String rule, String reason) ->
                    new Authenticity.Refused(rule, reason);
            case NitroVerdict.Authentic(NitroDocument parsed, Claims claims) ->
                    new Authenticity.Authentic(
                            claims,
                            new Bound(parsed, claims.hostData()),
                            List.of(
                                    Rules.outcome(
                                            "nitro.debug",
                                            !parsed.isDebug(),
                                            "expected debugging to be off: nothing is measured"
                                                    + " and the parent instance reads along")));
        };
    }

    private record Bound(NitroDocument document, byte[] ownerId) implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] reportData) {
            return document.userData()
                    .filter(data -> MessageDigest.isEqual(data, reportData))
                    .isPresent();
        }

        @Override
        public boolean launchedWith(Digest hostData) {
            return MessageDigest.isEqual(ownerId, hostData.bytes());
        }
    }
}
