package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.List;

/**
 * What an attester presents: untrusted until {@link EvidenceVerifier} says otherwise. Sizes are
 * limited here, before any parser sees the bytes.
 *
 * @param format which parser the document is for
 * @param document the signed report, quote or attestation document, as the hardware gave it
 * @param items what else the verifier needs: certificates, revocation lists, logs, in any order
 * @param devices evidence of attached devices, bound to the same challenge
 */
public record Evidence(
        Format format, byte[] document, List<EvidenceItem> items, List<DeviceEvidence> devices) {
    public static final int MAX_DOCUMENT_BYTES =
            64 * 1024; // the largest known quote is under 16 KiB
    public static final int MAX_ITEMS = 32; // TDX collateral with its issuers takes 9
    public static final int MAX_DEVICES = 8; // GPUs of one machine

    /** Of the whole encoding: a large event log beside everything else. */
    public static final int MAX_BYTES = 512 * 1024;

    /** Wire formats of evidence; the number is stable. */
    public enum Format {
        SNP_REPORT(1),
        TDX_QUOTE(2),
        /** COSE_Sign1 of an AWS Nitro enclave. */
        NITRO_DOCUMENT(3),
        /** TPMS_ATTEST with its signature as an item. */
        TPM_QUOTE(4),
        /** TPMS_ATTEST of an Azure vTPM, with signature, HCL report and chain as items. */
        AZURE_VTPM(5),
        /** SPDM request and response of an NVIDIA GPU. */
        NVIDIA_REPORT(6);

        private final int number;

        Format(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        static Format ofNumber(int number) {
            for (Format format : values()) {
                if (format.number == number) {
                    return format;
                }
            }
            throw new IllegalArgumentException("evidence: unknown format " + number);
        }
    }

    public Evidence {
        if (document.length > MAX_DOCUMENT_BYTES) {
            throw new IllegalArgumentException(
                    "evidence: at most " + MAX_DOCUMENT_BYTES + " bytes, got " + document.length);
        }
        if (items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("evidence: at most " + MAX_ITEMS + " items");
        }
        if (devices.size() > MAX_DEVICES) {
            throw new IllegalArgumentException("evidence: at most " + MAX_DEVICES + " devices");
        }
        items = List.copyOf(items);
        devices = List.copyOf(devices);
    }

    /** A document whose certificates (X.509, DER) are all that a verifier needs with it. */
    public Evidence(Format format, byte[] document, List<byte[]> certificates) {
        this(
                format,
                document,
                certificates.stream()
                        .map(each -> new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, each))
                        .toList(),
                List.of());
    }

    /** The certificates among the items. */
    public List<byte[]> endorsements() {
        return items(EvidenceItem.Kind.CERTIFICATE);
    }

    /** The bytes of all items of one kind, in their order. */
    public List<byte[]> items(EvidenceItem.Kind kind) {
        return items.stream().filter(item -> item.kind() == kind).map(EvidenceItem::bytes).toList();
    }

    /**
     * SHA-256 of {@link #encode}: what audit records name it by, with all that came along, since on
     * Azure the document alone does not say which processor spoke, nor which GPUs were attached.
     */
    public Digest digest() {
        return Digest.sha256(encode());
    }

    /** The one encoding in which evidence travels, is kept in a file and inside other records. */
    public byte[] encode() {
        return EvidenceCodec.encode(this);
    }

    /**
     * Reads {@link #encode}'s bytes; every limit is checked before its allocation.
     *
     * @throws MalformedEncodingException if they are anything else
     */
    public static Evidence decode(byte[] encoded) throws MalformedEncodingException {
        return EvidenceCodec.decode(encoded);
    }
}
