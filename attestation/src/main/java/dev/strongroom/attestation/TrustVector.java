package dev.strongroom.attestation;

/**
 * How far evidence can be trusted, in the values of draft-ietf-rats-ar4si: 2 to 31 affirm, 32 to 95
 * warn, 96 to 127 contraindicate, 0 says nothing.
 *
 * @param hardware whether the platform is genuine and its firmware recent enough
 * @param executables whether what was launched is what the owner names
 * @param configuration whether it was launched as the owner demands
 */
public record TrustVector(int hardware, int executables, int configuration) {
    public static final int NO_CLAIM = 0;
    public static final int GENUINE_HARDWARE = 2;
    public static final int UNSAFE_HARDWARE = 32;
    public static final int CONTRAINDICATED_HARDWARE = 96;
    public static final int UNRECOGNIZED_HARDWARE = 97;
    public static final int APPROVED_EXECUTABLES = 3; // at boot: nothing is measured at run time
    public static final int UNRECOGNIZED_EXECUTABLES = 33;
    public static final int APPROVED_CONFIGURATION = 2;
    public static final int UNSAFE_CONFIGURATION = 32;
    public static final int UNSUPPORTABLE_CONFIGURATION = 96;
    public static final int NOT_AUTHENTIC = 99;

    /** The tier of a vector is that of its worst element. */
    public enum Tier {
        NONE,
        AFFIRMING,
        WARNING,
        CONTRAINDICATED
    }

    /** The worst tier: no claim in any element outweighs affirmations in the others. */
    public Tier tier() {
        int worst = Math.max(hardware, Math.max(executables, configuration));
        if (worst >= 96) {
            return Tier.CONTRAINDICATED;
        }
        if (worst >= 32) {
            return Tier.WARNING;
        }
        return Math.min(hardware, Math.min(executables, configuration)) >= 2
                ? Tier.AFFIRMING
                : Tier.NONE;
    }
}
