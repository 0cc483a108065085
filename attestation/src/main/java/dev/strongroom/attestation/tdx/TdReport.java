package dev.strongroom.attestation.tdx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What the TDX module says about a trust domain (Intel TDX DCAP Quoting Library API, "TD Quote
 * Body"): 584 bytes, or 648 for TDX 1.5.
 *
 * <pre>
 * 000 tee_tcb_svn 16   010 mrseam 48        040 mrsignerseam 48  070 seam_attributes 8
 * 078 td_attributes 8  080 xfam 8           088 mrtd 48          0B8 mrconfigid 48
 * 0E8 mrowner 48       118 mrownerconfig 48 148 rtmr0..3, 48 each
 * 208 report_data 64   248 tee_tcb_svn2 16 (TDX 1.5)  258 mrservicetd 48 (TDX 1.5)
 * </pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class TdReport {
    public static final int REPORT_DATA_BYTES = 64;
    public static final int MEASUREMENT_BYTES = 48;
    public static final int HOST_DATA_BYTES = 32;
    public static final int RTMRS = 4;

    static final int BYTES_1_0 = 584;
    static final int BYTES_1_5 = 648;

    /** Its body types of quote version 5; version 4 has the first one only. */
    public enum Version {
        TDX_1_0(2, BYTES_1_0),
        TDX_1_5(3, BYTES_1_5);

        private final int bodyType;
        private final int bytes;

        Version(int bodyType, int bytes) {
            this.bodyType = bodyType;
            this.bytes = bytes;
        }

        public int bodyType() {
            return bodyType;
        }

        int bytes() {
            return bytes;
        }
    }

    private final Version version;
    private final byte[] bytes;

    TdReport(Version version, byte[] bytes) {
        this.version = version;
        this.bytes = bytes;
    }

    public Version version() {
        return version;
    }

    /** Security versions at the domain's launch: module SVN, module version, microcode, … */
    public TeeTcbSvn teeTcbSvn() {
        return new TeeTcbSvn(slice(0x000, TeeTcbSvn.COMPONENTS));
    }

    /** Security versions now: the module may have been updated under the running domain. */
    public Optional<TeeTcbSvn> currentTeeTcbSvn() {
        return version == Version.TDX_1_5
                ? Optional.of(new TeeTcbSvn(slice(0x248, TeeTcbSvn.COMPONENTS)))
                : Optional.empty();
    }

    /** Measurement of the TDX module. */
    public byte[] mrSeam() {
        return slice(0x010, MEASUREMENT_BYTES);
    }

    /** Who signed the TDX module; zero for Intel. */
    public byte[] mrSignerSeam() {
        return slice(0x040, MEASUREMENT_BYTES);
    }

    public byte[] seamAttributes() {
        return slice(0x070, 8);
    }

    public TdAttributes tdAttributes() {
        return new TdAttributes(u64(0x078));
    }

    public Xfam xfam() {
        return new Xfam(u64(0x080));
    }

    /** Launch measurement: what was in memory before the domain first ran. */
    public byte[] mrTd() {
        return slice(0x088, MEASUREMENT_BYTES);
    }

    /** What the launcher configured; {@link #hostData} is its use here. */
    public byte[] mrConfigId() {
        return slice(0x0B8, MEASUREMENT_BYTES);
    }

    public byte[] mrOwner() {
        return slice(0x0E8, MEASUREMENT_BYTES);
    }

    public byte[] mrOwnerConfig() {
        return slice(0x118, MEASUREMENT_BYTES);
    }

    /**
     * A register that the running domain extends.
     *
     * @param index 0 to 3
     */
    public byte[] rtmr(int index) {
        if (index < 0 || index >= RTMRS) {
            throw new IllegalArgumentException("rtmr: " + index + " (expected: 0..3)");
        }
        return slice(0x148 + index * MEASUREMENT_BYTES, MEASUREMENT_BYTES);
    }

    public byte[] reportData() {
        return slice(0x208, REPORT_DATA_BYTES);
    }

    /** Measurement of the service domains bound to this one; TDX 1.5. */
    public Optional<byte[]> mrServiceTd() {
        return version == Version.TDX_1_5
                ? Optional.of(slice(0x258, MEASUREMENT_BYTES))
                : Optional.empty();
    }

    /** The first 32 bytes of MRCONFIGID, where the launcher puts an owner's id. */
    public byte[] hostData() {
        return slice(0x0B8, HOST_DATA_BYTES);
    }

    long u64(int offset) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
    }

    private byte[] slice(int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    @Override
    public String toString() {
        return "TdReport[" + version + ", mrtd " + HexFormat.of().formatHex(mrTd()) + "]";
    }
}
