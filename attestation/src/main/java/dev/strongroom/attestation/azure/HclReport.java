package dev.strongroom.attestation.azure;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * What Azure's paravisor keeps at NV index 0x01400001 of a confidential VM's vTPM (Microsoft,
 * "Confidential VM guest attestation design", attestation report format; little-endian): the
 * processor's report, and the runtime data whose hash the report vouches for. Read strictly; all
 * around the report that is neither that data nor its header is fixed or zero, because nothing
 * signs it.
 *
 * <pre>
 * 000 signature "HCLA"  004 version u32 1,2  008 report_size u32  00C request_type u32 = 2
 * 010 status u32 = 0    014 zero
 * 020 SNP report 1184, or TDREPORT 1024 and zeros
 * 4C0 data_size u32     4C4 version u32 = 1  4C8 report_type u32 2 = SNP, 4 = TDX
 * 4CC hash_type u32 1 = SHA-256, 2 = SHA-384, 3 = SHA-512          4D0 variable_data_size u32
 * 4D4 variable data (JSON), then zeros
 * </pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class HclReport {
    static final int HARDWARE_REPORT = 0x020;
    static final int RUNTIME_DATA = 0x4C0;
    static final int VARIABLE_DATA = 0x4D4;
    static final int REPORT_DATA_BYTES = 64;

    private static final int MAX_BYTES = 16 * 1024; // the NV index has 2600
    private static final int SIGNATURE = 0x414c4348; // HCLA
    private static final int MAX_VERSION = 2;
    private static final int REQUEST_TYPE = 2;
    private static final int RUNTIME_DATA_VERSION = 1;
    private static final int RUNTIME_HEADER_BYTES = VARIABLE_DATA - RUNTIME_DATA;

    /** Whose report is inside. */
    public enum Isolation {
        /** An SEV-SNP report, which its chip's key signed. */
        SEV_SNP(2, 1184, 0x050),
        /** A TDREPORT, which only its own processor can check: a quote must come along. */
        TDX(4, 1024, 0x080);

        private final int reportType;
        private final int reportBytes;
        private final int reportDataOffset;

        Isolation(int reportType, int reportBytes, int reportDataOffset) {
            this.reportType = reportType;
            this.reportBytes = reportBytes;
            this.reportDataOffset = reportDataOffset;
        }
    }

    private final byte[] bytes;
    private final ByteBuffer fields;
    private final Isolation isolation;

    private HclReport(byte[] bytes) throws AzureFormatException {
        this.bytes = bytes;
        this.fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.isolation = requireIsolation();
        requireHeader();
        requireSizes();
        requireZeros();
    }

    /**
     * Reads a report; the array is copied.
     *
     * @throws AzureFormatException if it is not one in every byte
     */
    public static HclReport parse(byte[] document) throws AzureFormatException {
        if (document.length < VARIABLE_DATA || document.length > MAX_BYTES) {
            throw new AzureFormatException(
                    "HCL report: expected %d to %d bytes, got %d"
                            .formatted(VARIABLE_DATA, MAX_BYTES, document.length));
        }
        return new HclReport(document.clone());
    }

    public Isolation isolation() {
        return isolation;
    }

    /** The SEV-SNP report, or the TDREPORT. */
    public byte[] hardwareReport() {
        return slice(HARDWARE_REPORT, isolation.reportBytes);
    }

    /** The runtime data: JSON of the paravisor, as it was hashed. */
    public byte[] variableData() {
        return slice(VARIABLE_DATA, fields.getInt(0x4D0));
    }

    /** The report data inside the processor's report. */
    byte[] reportData() {
        return slice(HARDWARE_REPORT + isolation.reportDataOffset, REPORT_DATA_BYTES);
    }

    /** The report data that vouches for {@link #variableData}: its hash, then zeros. */
    byte[] expectedReportData() {
        return Arrays.copyOf(hash().digest(variableData()), REPORT_DATA_BYTES);
    }

    private Isolation requireIsolation() throws AzureFormatException {
        int type = fields.getInt(0x4C8);
        for (Isolation known : Isolation.values()) {
            if (known.reportType == type) {
                return known;
            }
        }
        throw malformed("report_type", "2 (SEV-SNP) or 4 (TDX)");
    }

    private void requireHeader() throws AzureFormatException {
        if (fields.getInt(0x000) != SIGNATURE) {
            throw malformed("signature", "HCLA");
        }
        int version = fields.getInt(0x004);
        if (version < 1 || version > MAX_VERSION) {
            throw malformed("version", "1 or 2");
        }
        if (fields.getInt(0x00C) != REQUEST_TYPE) {
            throw malformed("request_type", "2");
        }
        if (fields.getInt(0x4C4) != RUNTIME_DATA_VERSION) {
            throw malformed("runtime data version", "1");
        }
        int hashType = fields.getInt(0x4CC);
        if (hashType < 1 || hashType > 3) {
            throw malformed("hash_type", "1 to 3");
        }
    }

    /** The header's size counts the room for the longer report, whichever is inside. */
    private void requireSizes() throws AzureFormatException {
        int variable = fields.getInt(0x4D0);
        if (variable < 0 || variable > bytes.length - VARIABLE_DATA) {
            throw malformed("variable_data_size", "what is left");
        }
        if (fields.getInt(RUNTIME_DATA) != RUNTIME_HEADER_BYTES + variable) {
            throw malformed("data_size", "the runtime data's size");
        }
        if (fields.getInt(0x008) != VARIABLE_DATA + variable) {
            throw malformed("report_size", "the size of all");
        }
    }

    private void requireZeros() throws AzureFormatException {
        requireZero(0x010, HARDWARE_REPORT);
        requireZero(HARDWARE_REPORT + isolation.reportBytes, RUNTIME_DATA);
        requireZero(VARIABLE_DATA + fields.getInt(0x4D0), bytes.length);
    }

    private void requireZero(int from, int to) throws AzureFormatException {
        for (int offset = from; offset < to; offset++) {
            if (bytes[offset] != 0) {
                throw malformed("byte at 0x%03x".formatted(offset), "zero");
            }
        }
    }

    private MessageDigest hash() {
        String name =
                switch (fields.getInt(0x4CC)) {
                    case 1 -> "SHA-256";
                    case 2 -> "SHA-384";
                    default -> "SHA-512";
                };
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }

    private byte[] slice(int offset, int length) {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    private static AzureFormatException malformed(String field, String expected) {
        return new AzureFormatException("HCL report: " + field + ": expected " + expected);
    }
}
