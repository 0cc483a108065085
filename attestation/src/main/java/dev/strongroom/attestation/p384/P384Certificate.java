package dev.strongroom.attestation.p384;

import dev.strongroom.attestation.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate of a P-384 key, signed with ECDSA and SHA-384, in its one spelling: the bytes
 * around the signed part are what they would be if we wrote them. Immutable and thread-safe.
 *
 * @param x509 as the JDK reads it; nothing about it is verified
 * @param fingerprint SHA-256 of the whole certificate
 */
public record P384Certificate(X509Certificate x509, Digest fingerprint) {
    public static final int DIGITAL_SIGNATURE = 0; // indices in the KeyUsage bits
    public static final int KEY_CERT_SIGN = 5;

    private static final int SEQUENCE = 0x30;
    private static final int BIT_STRING = 0x03;
    private static final int INTEGER = 0x02;

    /** AlgorithmIdentifier of ecdsa-with-SHA384 (RFC 5758), without parameters. */
    private static final byte[] ECDSA_SHA384 = HexFormat.of().parseHex("300a06082a8648ce3d040303");

    private static final ECParameterSpec P384 = p384();

    /**
     * Reads a certificate.
     *
     * @throws ChainRefusal if it is none, or of another algorithm, key or spelling
     */
    public static P384Certificate parse(byte[] der) throws ChainRefusal {
        try {
            var in = new ByteArrayInputStream(der);
            var x509 =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in);
            if (x509 == null || !isCanonical(x509, der)) {
                throw malformed();
            }
            if (!isP384(x509.getPublicKey())) {
                throw new ChainRefusal("keys", "expected P-384 keys in every certificate");
            }
            return new P384Certificate(x509, Digest.sha256(der));
        } catch (CertificateException e) {
            throw malformed();
        }
    }

    public X500Principal subject() {
        return x509.getSubjectX500Principal();
    }

    public X500Principal issuer() {
        return x509.getIssuerX500Principal();
    }

    public boolean isAuthority() {
        return x509.getBasicConstraints() >= 0;
    }

    /** Whether the certificate names its usages, and this bit among them. */
    boolean allows(int usage) {
        boolean[] usages = x509.getKeyUsage();
        return usages != null && usages[usage];
    }

    public PublicKey key() {
        return x509.getPublicKey();
    }

    private static ChainRefusal malformed() {
        return new ChainRefusal(
                "certificate", "expected X.509 certificates, DER, signed with ECDSA and SHA-384");
    }

    private static boolean isCanonical(X509Certificate x509, byte[] der)
            throws CertificateException {
        byte[] signature = x509.getSignature();
        return isCanonicalSignature(signature)
                && Arrays.equals(
                        der,
                        der(
                                SEQUENCE,
                                x509.getTBSCertificate(),
                                ECDSA_SHA384,
                                der(BIT_STRING, new byte[1], signature)));
    }

    /**
     * ECDSA-Sig-Value (RFC 3279): a sequence of two positive integers, each in its shortest form.
     */
    private static boolean isCanonicalSignature(byte[] signature) {
        var in = ByteBuffer.wrap(signature);
        if (in.remaining() < 2 || in.get() != SEQUENCE || in.get() != in.remaining()) {
            return false;
        }
        var numbers = new ByteArrayOutputStream();
        while (in.remaining() > 2 && in.get() == INTEGER) {
            int length = in.get();
            if (length < 1 || length > in.remaining()) {
                return false;
            }
            byte[] magnitude = new byte[length];
            in.get(magnitude);
            numbers.writeBytes(der(INTEGER, new BigInteger(1, magnitude).toByteArray()));
        }
        return Arrays.equals(signature, der(SEQUENCE, numbers.toByteArray()));
    }

    private static byte[] der(int tag, byte[]... contents) {
        int length = Arrays.stream(contents).mapToInt(content -> content.length).sum();
        var out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length >= 1 << Byte.SIZE) {
            out.write(0x82); // nothing here is longer than 64 KiB
            out.write(length >>> Byte.SIZE);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }

    private static boolean isP384(PublicKey key) {
        return key instanceof ECPublicKey ec
                && ec.getParams().getCurve().equals(P384.getCurve())
                && ec.getParams().getGenerator().equals(P384.getGenerator())
                && ec.getParams().getOrder().equals(P384.getOrder());
    }

    private static ECParameterSpec p384() {
        try {
            var parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp384r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-384", e);
        }
    }
}
