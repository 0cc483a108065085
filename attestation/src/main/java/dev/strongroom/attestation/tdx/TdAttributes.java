package dev.strongroom.attestation.tdx;

/**
 * ATTRIBUTES of a trust domain (Intel TDX Module ABI, "ATTRIBUTES"): bits 0-7 TUD (under debug),
 * 8-31 SEC, 32-63 OTHER.
 *
 * @param bits the field as a little-endian number
 */
public record TdAttributes(long bits) {
    /** Any of these and the domain is under debug: the host may read it. */
    public static final long UNDER_DEBUG = 0xff;

    public static final long ICSSD = 1L << 16;
    public static final long LASS = 1L << 27;

    /** No virtualisation exception when the host takes a page away. */
    public static final long SEPT_VE_DISABLE = 1L << 28;

    /** A migration domain, measured in MRSERVICETD, may move this one. */
    public static final long MIGRATABLE = 1L << 29;

    public static final long PROTECTION_KEYS = 1L << 30;
    public static final long KEY_LOCKER = 1L << 31;
    public static final long TPA = 1L << 62;
    public static final long PERFMON = 1L << 63;

    private static final long KNOWN =
            UNDER_DEBUG
                    | ICSSD
                    | LASS
                    | SEPT_VE_DISABLE
                    | MIGRATABLE
                    | PROTECTION_KEYS
                    | KEY_LOCKER
                    | TPA
                    | PERFMON;

    /** Whether any bit of {@code flags}, constants of this record, is set. */
    public boolean has(long flags) {
        return (bits & flags) != 0;
    }

    public boolean isUnderDebug() {
        return has(UNDER_DEBUG);
    }

    /** Whether a bit is set that had no meaning when this was written. */
    public boolean hasUnknown() {
        return has(~KNOWN);
    }
}
