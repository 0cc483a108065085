package dev.strongroom.attestation.snp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An SEV-SNP attestation report (ATTESTATION_REPORT, 1184 bytes, little-endian), read strictly:
 * exact length, known versions, every must-be-zero byte zero. That includes the tail of the
 * signature field, which no signature covers. Parsed is not verified: nothing here says who wrote
 * the bytes.
 *
 * <p>Version 4 has the layout of version 3 (virtee/sev, {@code ReportVariant}); no report of it has
 * been seen, so a byte beyond that layout refuses it.
 *
 * <pre>
 * 000 version u32      004 guest_svn u32     008 policy u64       010 family_id 16
 * 020 image_id 16      030 vmpl u32          034 sig_algo u32     038 current_tcb u64
 * 040 platform_info    048 key_info u32      04C zero u32         050 report_data 64
 * 090 measurement 48   0C0 host_data 32      0E0 id_key_digest 48 110 author_key_digest 48
 * 140 report_id 32     160 report_id_ma 32   180 reported_tcb u64 188 cpuid fam,mod,step (v3+)
 * 18B zero             1A0 chip_id 64        1E0 committed_tcb    1E8 current build,minor,major
 * 1EB zero             1EC committed build,minor,major  1EF zero  1F0 launch_tcb u64
 * 1F8 launch_mit_vector u64 (v5)             200 current_mit_vector u64 (v5)
 * 208 zero             2A0 signature r 72, s 72, zero to 4A0
 * </pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class SnpReport {
    public static final int BYTES = 0x4A0;
    public static final int REPORT_DATA_BYTES = 64;
    public static final int MEASUREMENT_BYTES = 48;
    public static final int HOST_DATA_BYTES = 32;
    public static final int CHIP_ID_BYTES = 64;

    static final int SIGNED_BYTES = 0x2A0;
    private static final int ECDSA_P384_SHA384 = 1;
    private static final int SCALAR_BYTES = 48;
    private static final int SCALAR_FIELD_BYTES = 72;

    /** Which kind of key signed. */
    public enum SigningKey {
        /** Derived from one chip's secret and its firmware versions. */
        VCEK,
        /** Derived from a seed that AMD gave to a cloud provider. */
        VLEK,
        /** The platform was told not to sign. */
        NONE
    }

    /** CPUID of the processor: combined (extended plus base) family and model. */
    public record Cpuid(int family, int model, int stepping) {}

    /** Version of the SNP firmware. */
    public record Firmware(int major, int minor, int build) {}

    private final byte[] bytes;
    private final ByteBuffer fields;

    private SnpReport(byte[] bytes) {
        this.bytes = bytes;
        this.fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a report; the array is copied.
     *
     * @throws SnpFormatException if it is not a report of version 2 to 5 in every byte
     */
    public static SnpReport parse(byte[] document) throws SnpFormatException {
        if (document.length != BYTES) {
            throw new SnpFormatException(
                    "report: expected " + BYTES + " bytes, got " + document.length);
        }
        var report = new SnpReport(document.clone());
        report.requireKnownVersion();
        report.requireKnownFields();
        report.requireZeros();
        return report;
    }

    public int version() {
        return fields.getInt(0x000);
    }

    /** Security version of the guest image, as its ID block says; unsigned. */
    public long guestSvn() {
        return Integer.toUnsignedLong(fields.getInt(0x004));
    }

    public GuestPolicy guestPolicy() {
        return new GuestPolicy(fields.getLong(0x008));
    }

    public byte[] familyId() {
        return slice(0x010, 16);
    }

    public byte[] imageId() {
        return slice(0x020, 16);
    }

    /** Privilege level that asked for the report: 0 is the most privileged of 0..3. */
    public int vmpl() {
        return fields.getInt(0x030);
    }

    /** TCB_VERSION of what runs now; {@link TcbVersion#of} reads it. */
    public long currentTcb() {
        return fields.getLong(0x038);
    }

    /** PLATFORM_INFO: bit 0 SMT, 1 TSME, 2 ECC, 3 RAPL off, 4 ciphertext hiding, 5 alias check. */
    public long platformInfo() {
        return fields.getLong(0x040);
    }

    /** Whether an author key signed the ID block's key. */
    public boolean authorKeyEnabled() {
        return (keyInfo() & 1) != 0;
    }

    /** Whether the platform was told to leave the chip's key out of reports. */
    public boolean chipKeyMasked() {
        return (keyInfo() & 2) != 0;
    }

    public SigningKey signingKey() {
        return switch (keyInfo() >>> 2) {
            case 0 -> SigningKey.VCEK;
            case 1 -> SigningKey.VLEK;
            default -> SigningKey.NONE;
        };
    }

    /** 64 bytes of the guest's choice: here the digest of a transcript. */
    public byte[] reportData() {
        return slice(0x050, REPORT_DATA_BYTES);
    }

    /** Launch digest of the guest. */
    public byte[] measurement() {
        return slice(0x090, MEASUREMENT_BYTES);
    }

    /** 32 bytes that the host gave at launch and nobody can change since. */
    public byte[] hostData() {
        return slice(0x0C0, HOST_DATA_BYTES);
    }

    public byte[] idKeyDigest() {
        return slice(0x0E0, 48);
    }

    public byte[] authorKeyDigest() {
        return slice(0x110, 48);
    }

    public byte[] reportId() {
        return slice(0x140, 32);
    }

    public byte[] migrationAgentReportId() {
        return slice(0x160, 32);
    }

    /** TCB_VERSION that the signing key was derived for. */
    public long reportedTcb() {
        return fields.getLong(0x180);
    }

    /** Present from version 3 on. */
    public Optional<Cpuid> cpuid() {
        return version() < 3
                ? Optional.empty()
                : Optional.of(new Cpuid(octet(0x188), octet(0x189), octet(0x18A)));
    }

    /** All zero where the platform hides it. Turin fills the first 8 bytes only. */
    public byte[] chipId() {
        return slice(0x1A0, CHIP_ID_BYTES);
    }

    /** TCB_VERSION below which the platform can no longer be rolled back. */
    public long committedTcb() {
        return fields.getLong(0x1E0);
    }

    public Firmware currentFirmware() {
        return new Firmware(octet(0x1EA), octet(0x1E9), octet(0x1E8));
    }

    public Firmware committedFirmware() {
        return new Firmware(octet(0x1EE), octet(0x1ED), octet(0x1EC));
    }

    /** TCB_VERSION when the guest was launched or imported. */
    public long launchTcb() {
        return fields.getLong(0x1F0);
    }

    /** Mitigations verified when the guest was launched; present from version 5 on. */
    public OptionalLong launchMitigations() {
        return version() < 5 ? OptionalLong.empty() : OptionalLong.of(fields.getLong(0x1F8));
    }

    /** Mitigations verified now; present from version 5 on. */
    public OptionalLong currentMitigations() {
        return version() < 5 ? OptionalLong.empty() : OptionalLong.of(fields.getLong(0x200));
    }

    /** What the signature covers. */
    byte[] signedBytes() {
        return slice(0, SIGNED_BYTES);
    }

    /** r and s, 48 bytes each, big-endian (IEEE P1363). */
    byte[] signature() {
        byte[] signature = new byte[2 * SCALAR_BYTES];
        for (int i = 0; i < SCALAR_BYTES; i++) {
            signature[i] = bytes[SIGNED_BYTES + SCALAR_BYTES - 1 - i];
            signature[SCALAR_BYTES + i] =
                    bytes[SIGNED_BYTES + SCALAR_FIELD_BYTES + SCALAR_BYTES - 1 - i];
        }
        return signature;
    }

    private void requireKnownVersion() throws SnpFormatException {
        int version = version();
        if (version < 2 || version > 5) {
            throw new SnpFormatException(
                    "version: expected 2 to 5, got " + Integer.toUnsignedString(version));
        }
    }

    private void requireKnownFields() throws SnpFormatException {
        if (fields.getInt(0x034) != ECDSA_P384_SHA384) {
            throw new SnpFormatException("signature algorithm: expected 1 (ECDSA P-384 SHA-384)");
        }
        if (vmpl() < 0 || vmpl() > 3) {
            throw new SnpFormatException("vmpl: expected 0..3");
        }
        if ((guestPolicy().bits() & ~GuestPolicy.KNOWN) != 0) {
            throw new SnpFormatException("policy: bits 26 to 63 are reserved, expected zero");
        }
        if (!guestPolicy().allows(GuestPolicy.MUST_BE_ONE)) {
            throw new SnpFormatException("policy: bit 17 is reserved, expected one");
        }
        int signingKey = keyInfo() >>> 2;
        if (signingKey != 0 && signingKey != 1 && signingKey != 7) {
            throw new SnpFormatException(
                    "signing key: expected 0, 1 or 7, and reserved bits 5 to 31 zero");
        }
    }

    private void requireZeros() throws SnpFormatException {
        requireZero(0x04C, 0x050);
        requireZero(version() < 3 ? 0x188 : 0x18B, 0x1A0);
        requireZero(0x1EB, 0x1EC);
        requireZero(0x1EF, 0x1F0);
        requireZero(version() < 5 ? 0x1F8 : 0x208, SIGNED_BYTES);
        int s = SIGNED_BYTES + SCALAR_FIELD_BYTES;
        requireZero(SIGNED_BYTES + SCALAR_BYTES, s);
        requireZero(s + SCALAR_BYTES, BYTES);
    }

    private void requireZero(int from, int to) throws SnpFormatException {
        for (int offset = from; offset < to; offset++) {
            if (bytes[offset] != 0) {
                throw new SnpFormatException(
                        "reserved byte at 0x%03x: expected zero".formatted(offset));
            }
        }
    }

    private int keyInfo() {
        return fields.getInt(0x048);
    }

    private int octet(int offset) {
        return bytes[offset] & 0xff;
    }

    private byte[] slice(int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }
}
