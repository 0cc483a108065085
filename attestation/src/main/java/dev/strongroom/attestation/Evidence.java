package dev.strongroom.attestation;

import java.util.List;

/**
 * What an attester presents: untrusted until {@link EvidenceVerifier} says otherwise. Sizes are
 * limited here, before any parser sees the bytes.
 *
 * @param format which parser the document is for
 * @param document the signed report, as the hardware gave it
 * @param endorsements X.509 certificates, DER, in any order; a root among them is believed only if
 *     it is pinned
 */
public record Evidence(Format format, byte[] document, List<byte[]> endorsements) {
    public static final int MAX_DOCUMENT_BYTES =
            64 * 1024; // the largest known quote is under 16 KiB
    public static final int MAX_ENDORSEMENTS = 8; // longest known chain: 5
    public static final int MAX_ENDORSEMENT_BYTES = 8 * 1024; // VCEK certificates are under 2 KiB

    /** Wire formats of evidence; the number is stable. */
    public enum Format {
        SNP_REPORT(1);

        private final int number;

        Format(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public Evidence {
        if (document.length > MAX_DOCUMENT_BYTES) {
            throw new IllegalArgumentException(
                    "evidence: at most " + MAX_DOCUMENT_BYTES + " bytes, got " + document.length);
        }
        if (endorsements.size() > MAX_ENDORSEMENTS) {
            throw new IllegalArgumentException(
                    "evidence: at most " + MAX_ENDORSEMENTS + " endorsements");
        }
        for (byte[] endorsement : endorsements) {
            if (endorsement.length > MAX_ENDORSEMENT_BYTES) {
                throw new IllegalArgumentException(
                        "endorsement: at most " + MAX_ENDORSEMENT_BYTES + " bytes");
            }
        }
        endorsements = List.copyOf(endorsements);
    }

    /** SHA-256 of the document: what audit records and leases name it by. */
    public Digest digest() {
        return Digest.sha256(document);
    }
}
