package dev.strongroom.attestation.tdx;

/**
 * XFAM of a trust domain (Intel TDX Module ABI): which extended processor features it may use, laid
 * out as XCR0 and IA32_XSS.
 *
 * @param bits the field as a little-endian number
 */
public record Xfam(long bits) {
    /** x87 and SSE: always on. */
    private static final long ALWAYS = 0b11;

    /** AVX, AVX-512, PT, PKRU, CET, ULI, LBR, AMX: what the module lets a host choose. */
    private static final long KNOWN = 0x0006_DBE7L;

    /** Whether x87 and SSE are on and no bit is set that had no meaning when this was written. */
    public boolean isKnown() {
        return (bits & ALWAYS) == ALWAYS && (bits & ~KNOWN) == 0;
    }
}
