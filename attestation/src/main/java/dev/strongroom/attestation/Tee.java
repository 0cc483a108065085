package dev.strongroom.attestation;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What kind of trusted execution environment produced evidence. */
public enum Tee {
    SEV_SNP("sev-snp"),
    TDX("tdx"),
    NITRO("nitro"),
    /** An Azure confidential VM: its vTPM speaks, an SEV-SNP report vouches for the vTPM. */
    AZURE_SNP("azure-sev-snp"),
    /** An Azure confidential VM: its vTPM speaks, a TDX quote vouches for the vTPM. */
    AZURE_TDX("azure-tdx"),
    /** A TPM alone: measures a machine and isolates nothing, so no key is ever released to it. */
    TPM("tpm"),
    /** A GPU in confidential mode: counts only beside the evidence of the CPU it serves. */
    NVIDIA_GPU("nvidia-gpu"),
    /** Any of the vendors' hardware: what a verifier believes, never what evidence comes from. */
    HARDWARE("hardware"),
    /** Signed by a software chip under a test root: proves the protocol, protects nothing. */
    SIMULATED("simulated");

    private final String label;

    Tee(String label) {
        this.label = label;
    }

    /** The name used in signed fields, JSON and gRPC metadata. */
    public String label() {
        return label;
    }

    public static Tee ofLabel(String label) {
        for (Tee tee : values()) {
            if (tee.label.equals(label)) {
                return tee;
            }
        }
        throw new IllegalArgumentException(
                "tee: expected one of "
                        + Arrays.stream(values())
                                .map(Tee::label)
                                .collect(Collectors.joining(", ")));
    }
}
