package dev.strongroom.attestation;

/**
 * One thing that a verifier needs beside the signed document. It travels with the evidence or lies
 * in an operator's {@link CollateralFolder}; either way it is untrusted until its own signature and
 * dates were checked.
 *
 * <p>Immutable by convention: nobody changes the array.
 */
public record EvidenceItem(Kind kind, byte[] bytes) {
    /** Wire numbers are stable; each kind has the size that its parser is ready for. */
    public enum Kind {
        /** X.509, DER; a root is believed only if it is pinned. */
        CERTIFICATE(1, 8 * 1024), // VCEK certificates are under 2 KiB
        /** X.509 revocation list, DER. */
        CRL(2, 64 * 1024), // Intel's platform list has 2 KiB, AMD's 1 KiB
        /** Intel's TCB info, the JSON exactly as its service gave it: the signature is over it. */
        TDX_TCB_INFO(3, 64 * 1024),
        /** Intel's TD quoting enclave identity, JSON, as given. */
        TDX_QE_IDENTITY(4, 16 * 1024),
        /** TCG crypto-agile event log (TPM) or CCEL (TDX): replayed against registers. */
        EVENT_LOG(5, 256 * 1024),
        /** Signature over a TPM quote: TPMT_SIGNATURE, or plain DER or PKCS#1. */
        TPM_SIGNATURE(6, 1024),
        /** PCR values that a TPM quote's digest covers, concatenated in the quote's order. */
        PCR_VALUES(7, 8 * 1024),
        /** A TPM's attestation key, SubjectPublicKeyInfo or TPM2B_PUBLIC. */
        ATTESTATION_KEY(8, 2 * 1024),
        /** Azure's HCL report: the CPU's report and the runtime data that it vouches for. */
        HCL_REPORT(9, 16 * 1024),
        /** A TDX quote over the same report, where the HCL report has no signed one. */
        TDX_QUOTE(10, 16 * 1024),
        /** The certificate that an enclave image was signed with (Nitro PCR8), DER. */
        IMAGE_SIGNER(11, 8 * 1024),
        /** NVIDIA's signed reference values for a driver or a VBIOS, XML. */
        REFERENCE_MANIFEST(12, 256 * 1024); // real ones have 20 KiB

        private final int number;
        private final int maxBytes;

        Kind(int number, int maxBytes) {
            this.number = number;
            this.maxBytes = maxBytes;
        }

        public int number() {
            return number;
        }

        public int maxBytes() {
            return maxBytes;
        }

        static Kind ofNumber(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("evidence item: unknown kind " + number);
        }
    }

    public EvidenceItem {
        if (bytes.length > kind.maxBytes()) {
            throw new IllegalArgumentException(
                    "%s: at most %d bytes, got %d".formatted(kind, kind.maxBytes(), bytes.length));
        }
    }
}
