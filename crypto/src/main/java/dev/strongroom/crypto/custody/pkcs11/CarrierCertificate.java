package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.CarrierBody;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A self-signed X.509 certificate, version 1, for a P-256 key in the token. SunPKCS11 finds a
 * private key only beside a certificate; this one carries the public key for it and is trusted by
 * nobody.
 */
final class CarrierCertificate {
    private static final AlgorithmIdentifier ECDSA_WITH_SHA256 =
            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    private static final AlgorithmIdentifier P256 =
            new AlgorithmIdentifier(
                    X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);
    private static final int POINT_BYTES = 65;
    private static final byte UNCOMPRESSED = 0x04;
    private static final int SIGNATURE_HALF_BYTES = 32;

    private final TBSCertificate toBeSigned;

    /**
     * @param version of the key: NSS refuses two certificates of one subject under two labels
     * @param ecPoint CKA_EC_POINT: an uncompressed point in an OCTET STRING
     */
    CarrierCertificate(SigningKey key, int version, byte[] ecPoint) {
        toBeSigned =
                CarrierBody.of(
                        key.label() + " " + version,
                        new SubjectPublicKeyInfo(P256, point(ecPoint)),
                        ECDSA_WITH_SHA256);
    }

    byte[] subject() {
        return der(toBeSigned.getSubject());
    }

    byte[] serialNumber() {
        return der(toBeSigned.getSerialNumber());
    }

    /** What the key signs. */
    byte[] digest() {
        return Digest.sha256(der(toBeSigned)).bytes();
    }

    /**
     * @param rawSignature r and s, 32 bytes each, as CKM_ECDSA gives them
     */
    byte[] encode(byte[] rawSignature) {
        var signature =
                new DERSequence(half(rawSignature, 0), half(rawSignature, SIGNATURE_HALF_BYTES));
        return der(
                new Certificate(toBeSigned, ECDSA_WITH_SHA256, new DERBitString(der(signature))));
    }

    private static byte[] point(byte[] ecPoint) {
        byte[] point;
        try {
            point = ASN1OctetString.getInstance(ecPoint).getOctets();
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("CKA_EC_POINT: expected an OCTET STRING", e);
        }
        if (point.length != POINT_BYTES || point[0] != UNCOMPRESSED) {
            throw new IllegalStateException("CKA_EC_POINT: expected an uncompressed P-256 point");
        }
        return point;
    }

    private static ASN1Integer half(byte[] rawSignature, int from) {
        byte[] half = Arrays.copyOfRange(rawSignature, from, from + SIGNATURE_HALF_BYTES);
        return new ASN1Integer(new BigInteger(1, half));
    }

    private static byte[] der(ASN1Object value) {
        try {
            return value.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException("a value in memory does not encode", e);
        }
    }
}
