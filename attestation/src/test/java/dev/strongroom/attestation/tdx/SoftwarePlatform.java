package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A TDX platform in software, with an Intel of its own: signs quotes of the real format under a
 * root that it made itself. Everything can be got wrong before it is signed; as it starts, it
 * verifies.
 */
public final class SoftwarePlatform {
    static final int SVN = 7; // of every part of this platform
    static final int PCE_SVN = 11;

    private static final KeyPair ATTESTATION_KEY = TestCertificate.ec("secp256r1");

    final TestCertificate root = TestCertificate.authority("Intel SGX Root CA", 1);
    final TestCertificate authority =
            TestCertificate.authority("Intel SGX PCK Platform CA", 2).under(root);
    final TestCertificate leaf =
            TestCertificate.leaf("Intel SGX PCK Certificate", 3).under(authority);
    final TestCertificate signer = TestCertificate.leaf("Intel SGX TCB Signing", 4).under(root);
    final TestList rootList = new TestList(root);
    final TestList pckList = new TestList(authority);
    final List<byte[]> moreLists = new ArrayList<>();
    final List<byte[]> moreTcbInfos = new ArrayList<>();
    final List<byte[]> certificates = new ArrayList<>();

    String tcbInfo = TestCollateral.tcbInfo();
    String qeIdentity = TestCollateral.qeIdentity();
    KeyPair collateralKey;

    final byte[] header = new byte[48];
    public byte[] report = new byte[TdReport.BYTES_1_5];
    final byte[] enclave = new byte[EnclaveReport.BYTES];
    byte[] authenticationData = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    KeyPair attestationKey = ATTESTATION_KEY;
    KeyPair enclaveSigner;
    KeyPair quoteSigner;
    Optional<byte[]> attestationPoint = Optional.empty();
    Optional<byte[]> enclaveReportData = Optional.empty();
    Optional<List<byte[]>> chain = Optional.empty();

    private final int version;

    public SoftwarePlatform(int version) {
        this.version = version;
        this.collateralKey = signer.key;
        this.enclaveSigner = leaf.key;
        this.quoteSigner = attestationKey;
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(0, (short) version)
                .putShort(2, (short) 2)
                .putInt(4, 0x81)
                .put(12, HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607"));
        if (version == 4) {
            report = new byte[TdReport.BYTES_1_0];
        }
        Arrays.fill(report, 0x000, 0x010, (byte) SVN);
        report[0x001] = 1; // module version 1
        report[0x07b] = 0x10; // SEPT_VE_DISABLE
        report[0x080] = (byte) 0xe7; // XFAM: x87, SSE, AVX, AVX-512
        Arrays.fill(report, 0x088, 0x0b8, (byte) 0x11); // MRTD
        if (version == 5) {
            System.arraycopy(report, 0x000, report, 0x248, 16);
        }
        enclave[48] = 0x15;
        Arrays.fill(enclave, 128, 160, (byte) 0xab);
        enclave[256] = 2;
        enclave[258] = 6;
        leaf.extensions.put(PckExtension.OID, PckBytes.of(components(), PCE_SVN));
    }

    static int[] components() {
        int[] components = new int[PckExtension.COMPONENTS];
        Arrays.fill(components, SVN);
        return components;
    }

    TdxVerdict verify() {
        return verify(roots());
    }

    TdxVerdict verify(TdxRoots roots) {
        return new TdxVerifier(roots, Tee.SIMULATED)
                .verify(quote(), collateral(), TestCertificate.NOW);
    }

    TdxRoots roots() {
        return TdxRoots.of(Digest.sha256(root.encoded()));
    }

    TdxCollateral collateral() {
        var signers = new ArrayList<>(certificates);
        signers.add(signer.encoded());
        var lists = new ArrayList<>(List.of(rootList.encoded(), pckList.encoded()));
        lists.addAll(moreLists);
        var tcbInfos = new ArrayList<>(moreTcbInfos);
        tcbInfos.add(signedJson(TcbInfo.MEMBER, tcbInfo));
        return new TdxCollateral(
                signers, lists, tcbInfos, List.of(signedJson(QeIdentity.MEMBER, qeIdentity)));
    }

    byte[] signedJson(String member, String body) {
        byte[] signature = sign(collateralKey, body.getBytes(StandardCharsets.US_ASCII));
        return "{\"%s\":%s,\"signature\":\"%s\"}"
                .formatted(member, body, HexFormat.of().formatHex(signature))
                .getBytes(StandardCharsets.US_ASCII);
    }

    public byte[] quote() {
        byte[] signed = concat(header, bodyPrefix(), report);
        byte[] point = attestationPoint.orElseGet(() -> coordinates(attestationKey));
        byte[] data =
                enclaveReportData.orElseGet(() -> Digest.sha256(point, authenticationData).bytes());
        System.arraycopy(Arrays.copyOf(data, 64), 0, enclave, 320, 64);
        byte[] pem = pem(chain.orElseGet(this::pckChain));
        byte[] certification =
                concat(
                        enclave,
                        sign(enclaveSigner, enclave),
                        u16(authenticationData.length),
                        authenticationData,
                        u16(5),
                        u32(pem.length),
                        pem);
        byte[] signatureData =
                concat(
                        sign(quoteSigner, signed),
                        point,
                        u16(6),
                        u32(certification.length),
                        certification);
        return concat(signed, u32(signatureData.length), signatureData);
    }

    List<byte[]> pckChain() {
        return List.of(leaf.encoded(), authority.encoded(), root.encoded());
    }

    private byte[] bodyPrefix() {
        return version == 4
                ? new byte[0]
                : concat(u16(report.length == TdReport.BYTES_1_5 ? 3 : 2), u32(report.length));
    }

    static byte[] pem(List<byte[]> certificates) {
        var text = new StringBuilder();
        for (byte[] der : certificates) {
            text.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der))
                    .append("\n-----END CERTIFICATE-----\n");
        }
        return text.append('\0').toString().getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] coordinates(KeyPair key) {
        var point = ((ECPublicKey) key.getPublic()).getW();
        return concat(fixed(point.getAffineX()), fixed(point.getAffineY()));
    }

    private static byte[] fixed(BigInteger coordinate) {
        byte[] bytes = coordinate.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(bytes.length, fixed.length);
        System.arraycopy(bytes, bytes.length - length, fixed, fixed.length - length, length);
        return fixed;
    }

    private static byte[] sign(KeyPair key, byte[] message) {
        try {
            Signature ecdsa = Signature.getInstance("SHA256withECDSAinP1363Format");
            ecdsa.initSign(key.getPrivate());
            ecdsa.update(message);
            return ecdsa.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ECDSA", e);
        }
    }

    static byte[] u16(int value) {
        return ByteBuffer.allocate(2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) value)
                .array();
    }

    static byte[] u32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    static byte[] concat(byte[]... parts) {
        var all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
