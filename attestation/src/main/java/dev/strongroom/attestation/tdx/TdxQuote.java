package dev.strongroom.attestation.tdx;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A TDX quote of version 4 or 5 (Intel TDX DCAP Quoting Library API, appendix A), little-endian,
 * read strictly: every length inside the one around it, no byte without a meaning. Parsed is not
 * verified: nothing here says who wrote the bytes.
 *
 * <pre>
 * header 48:  version u16, attestation key type u16, TEE type u32, 4 reserved, QE vendor 16,
 *             user data 20
 * body:       version 4: 584 bytes; version 5: type u16, size u32, then 584 or 648 bytes
 * signature:  size u32, then
 *               quote signature 64, attestation key 64, type u16 = 6, size u32, then
 *                 QE report 384, its signature 64, authentication data u16 + bytes,
 *                 type u16 = 5, size u32, then the PCK chain: leaf, CA, root as PEM
 * padding:    zeros, or nothing
 * </pre>
 *
 * <p>Supported are TDX 1.0 and 1.5 bodies (types 2 and 3), ECDSA over P-256 and a chain inside the
 * quote. Body type 4 is specified and was never seen; it is refused, as is everything else.
 *
 * <p>Some drivers hand out the whole page that the quote lies in: zeros behind the signature data
 * are accepted, any other byte is not. The four reserved bytes of the header are signed and not
 * read; early quoting libraries kept security versions there.
 *
 * <p>Immutable and thread-safe.
 */
public final class TdxQuote {
    public static final int MAX_BYTES = 64 * 1024; // a quote with its chain takes 5 KiB

    private static final int ECDSA_P256 = 2;
    private static final int TDX = 0x81;
    private static final byte[] INTEL = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");
    private static final int QE_REPORT_DATA = 6;
    private static final int PCK_CHAIN = 5;
    private static final int CHAIN_CERTIFICATES = 3;
    private static final int SIGNATURE_BYTES = 64;

    private final int version;
    private final TdReport report;
    private final byte[] signedBytes;
    private final byte[] signature;
    private final byte[] attestationKey;
    private final Certification certification;

    /** What certifies the attestation key: the quoting enclave's report and the chain under it. */
    private record Certification(
            EnclaveReport report,
            byte[] signature,
            byte[] authenticationData,
            List<byte[]> certificates) {}

    private TdxQuote(
            int version,
            TdReport report,
            byte[] signedBytes,
            byte[] signature,
            byte[] attestationKey,
            Certification certification) {
        this.version = version;
        this.report = report;
        this.signedBytes = signedBytes;
        this.signature = signature;
        this.attestationKey = attestationKey;
        this.certification = certification;
    }

    /**
     * Reads a quote.
     *
     * @throws TdxFormatException if it is not a quote of a supported kind in every byte
     */
    public static TdxQuote parse(byte[] document) throws TdxFormatException {
        if (document.length > MAX_BYTES) {
            throw new TdxFormatException("quote: at most " + MAX_BYTES + " bytes");
        }
        var in = new Octets(document);
        int version = header(in);
        TdReport.Version bodyVersion = version == 4 ? TdReport.Version.TDX_1_0 : bodyVersion(in);
        var report = new TdReport(bodyVersion, in.bytes("body", bodyVersion.bytes()));
        byte[] signedBytes = Arrays.copyOf(document, in.position());
        Octets data = in.part("signature data", in.u32("signature data size"));
        in.requireZerosToEnd("quote");
        byte[] signature = data.bytes("quote signature", SIGNATURE_BYTES);
        byte[] key = data.bytes("attestation key", EcKeys.POINT_BYTES);
        require("certification data type", data.u16("certification data type"), QE_REPORT_DATA);
        Octets certification = data.part("certification data", data.u32("certification data size"));
        data.requireEnd("signature data");
        return new TdxQuote(
                version, report, signedBytes, signature, key, certification(certification));
    }

    private static int header(Octets in) throws TdxFormatException {
        int version = in.u16("version");
        if (version != 4 && version != 5) {
            throw new TdxFormatException("version: " + version + " (supported: 4 and 5)");
        }
        require("attestation key type", in.u16("attestation key type"), ECDSA_P256);
        require("TEE type", in.u32("TEE type"), TDX);
        in.bytes("reserved", 4);
        if (!Arrays.equals(in.bytes("QE vendor", INTEL.length), INTEL)) {
            throw new TdxFormatException("QE vendor: expected Intel's quoting enclave");
        }
        in.bytes("user data", 20);
        return version;
    }

    private static TdReport.Version bodyVersion(Octets in) throws TdxFormatException {
        int type = in.u16("body type");
        long size = in.u32("body size");
        for (TdReport.Version version : TdReport.Version.values()) {
            if (version.bodyType() == type) {
                require("body size", size, version.bytes());
                return version;
            }
        }
        throw new TdxFormatException("body type: " + type + " is not supported (supported: 2, 3)");
    }

    private static Certification certification(Octets in) throws TdxFormatException {
        var report = new EnclaveReport(in.bytes("QE report", EnclaveReport.BYTES));
        byte[] signature = in.bytes("QE report signature", SIGNATURE_BYTES);
        byte[] authentication =
                in.bytes("QE authentication data", in.u16("QE authentication data size"));
        require("PCK data type", in.u16("PCK data type"), PCK_CHAIN);
        byte[] pem = in.bytes("PCK chain", in.u32("PCK chain size"));
        in.requireEnd("certification data");
        List<byte[]> certificates = Pem.certificates(pem, CHAIN_CERTIFICATES);
        require("PCK chain certificates", certificates.size(), CHAIN_CERTIFICATES);
        return new Certification(report, signature, authentication, certificates);
    }

    private static void require(String field, long actual, long expected)
            throws TdxFormatException {
        if (actual != expected) {
            throw new TdxFormatException(
                    "%s: %d is not supported (expected: %d)".formatted(field, actual, expected));
        }
    }

    /** 4 or 5. */
    public int version() {
        return version;
    }

    public TdReport report() {
        return report;
    }

    /** Header and body: what the attestation key signed. */
    public byte[] signedBytes() {
        return signedBytes.clone();
    }

    /** The quoting enclave's own report. */
    public EnclaveReport enclaveReport() {
        return certification.report();
    }

    byte[] signature() {
        return signature.clone();
    }

    /** x and y, big-endian. */
    byte[] attestationKey() {
        return attestationKey.clone();
    }

    byte[] enclaveReportSignature() {
        return certification.signature().clone();
    }

    byte[] authenticationData() {
        return certification.authenticationData().clone();
    }

    /** PCK leaf, PCK CA, root; DER. */
    List<byte[]> certificates() {
        return certification.certificates();
    }
}
