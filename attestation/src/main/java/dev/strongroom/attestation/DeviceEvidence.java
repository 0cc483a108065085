package dev.strongroom.attestation;

import java.util.List;

/**
 * What a device attached to the machine presents, an NVIDIA GPU for one: its report's nonce is
 * {@link Transcript#deviceNonce()}, so that it answers the same challenge as the CPU's evidence.
 *
 * @param format which parser the document is for
 * @param document the signed report
 * @param certificates X.509, DER
 */
public record DeviceEvidence(Evidence.Format format, byte[] document, List<byte[]> certificates) {
    public static final int MAX_CERTIFICATES = 8; // NVIDIA's chains have 5

    public DeviceEvidence {
        if (format != Evidence.Format.NVIDIA_REPORT) {
            throw new IllegalArgumentException("device evidence: expected an NVIDIA report");
        }
        if (document.length > Evidence.MAX_DOCUMENT_BYTES) {
            throw new IllegalArgumentException(
                    "device evidence: at most " + Evidence.MAX_DOCUMENT_BYTES + " bytes");
        }
        if (certificates.size() > MAX_CERTIFICATES) {
            throw new IllegalArgumentException(
                    "device evidence: at most " + MAX_CERTIFICATES + " certificates");
        }
        certificates.forEach(each -> new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, each));
        certificates = List.copyOf(certificates);
    }
}
