package dev.strongroom.attestation;

/** What kind of trusted execution environment produced evidence. */
public enum Tee {
    SEV_SNP("sev-snp"),
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
        throw new IllegalArgumentException("tee: expected sev-snp or simulated");
    }
}
