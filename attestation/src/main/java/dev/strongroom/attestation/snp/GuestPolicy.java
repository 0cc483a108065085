package dev.strongroom.attestation.snp;

/**
 * What the guest's owner allowed the platform at launch; the firmware enforces it.
 *
 * @param bits POLICY as in the report: bits 0-7 lowest ABI minor, 8-15 major, then flags
 */
public record GuestPolicy(long bits) {
    public static final long SMT = 1L << 16;

    /** Reserved, and always one. */
    public static final long MUST_BE_ONE = 1L << 17;

    public static final long MIGRATION_AGENT = 1L << 18;
    public static final long DEBUG = 1L << 19;
    public static final long SINGLE_SOCKET = 1L << 20;
    public static final long CXL = 1L << 21;
    public static final long AES_256_XTS = 1L << 22;
    public static final long RAPL_DISABLED = 1L << 23;
    public static final long CIPHERTEXT_HIDING = 1L << 24;
    public static final long PAGE_SWAP_DISABLED = 1L << 25;

    static final long KNOWN = (1L << 26) - 1;

    public int abiMinor() {
        return (int) (bits & 0xff);
    }

    public int abiMajor() {
        return (int) (bits >>> 8) & 0xff;
    }

    /** Whether all bits of {@code flag}, one of the constants here, are set. */
    public boolean allows(long flag) {
        return (bits & flag) == flag;
    }
}
