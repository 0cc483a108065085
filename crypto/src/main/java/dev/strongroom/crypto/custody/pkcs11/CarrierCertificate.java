package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.SigningKey;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A self-signed X.509 certificate, version 1, for a P-256 key in the token. SunPKCS11 finds a
 * private key only beside a certificate; this one carries the public key for it and is trusted by
 * nobody.
 */
final class CarrierCertificate {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final byte[] COMMON_NAME = HexFormat.of().parseHex("0603550403");
    private static final byte[] ECDSA_WITH_SHA256 =
            HexFormat.of().parseHex("300a06082a8648ce3d040302");
    // SubjectPublicKeyInfo of P-256 up to the uncompressed point
    private static final byte[] SPKI_P256_PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
    private static final int POINT_BYTES = 65;
    private static final byte[] EC_POINT_PREFIX = {0x04, POINT_BYTES}; // DER OCTET STRING
    private static final int SIGNATURE_HALF_BYTES = 32;

    private final byte[] subject;
    private final byte[] toBeSigned;

    /**
     * @param ecPoint CKA_EC_POINT: an uncompressed point in an OCTET STRING
     */
    CarrierCertificate(SigningKey key, byte[] ecPoint) {
        byte[] commonName =
                der(UTF8_STRING, ("strongroom " + key.label()).getBytes(StandardCharsets.UTF_8));
        subject = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, commonName)));
        byte[] validity =
                der(
                        SEQUENCE,
                        der(UTC_TIME, ascii("000101000000Z")),
                        der(GENERALIZED_TIME, ascii("99991231235959Z"))); // does not expire
        toBeSigned =
                der(
                        SEQUENCE,
                        der(INTEGER, new byte[] {1}),
                        ECDSA_WITH_SHA256,
                        subject,
                        validity,
                        subject,
                        spki(ecPoint));
    }

    byte[] subject() {
        return subject.clone();
    }

    /** What the key signs. */
    byte[] digest() {
        return Digest.sha256(toBeSigned).bytes();
    }

    /**
     * @param rawSignature r and s, 32 bytes each, as CKM_ECDSA gives them
     */
    byte[] encode(byte[] rawSignature) {
        byte[] signature =
                der(
                        SEQUENCE,
                        integer(Arrays.copyOf(rawSignature, SIGNATURE_HALF_BYTES)),
                        integer(
                                Arrays.copyOfRange(
                                        rawSignature,
                                        SIGNATURE_HALF_BYTES,
                                        2 * SIGNATURE_HALF_BYTES)));
        return der(
                SEQUENCE, toBeSigned, ECDSA_WITH_SHA256, der(BIT_STRING, new byte[1], signature));
    }

    private static byte[] spki(byte[] ecPoint) {
        boolean wellFormed =
                ecPoint.length == EC_POINT_PREFIX.length + POINT_BYTES
                        && Arrays.equals(
                                Arrays.copyOf(ecPoint, EC_POINT_PREFIX.length), EC_POINT_PREFIX);
        if (!wellFormed) {
            throw new IllegalStateException("CKA_EC_POINT: expected an uncompressed P-256 point");
        }
        return concat(
                SPKI_P256_PREFIX,
                Arrays.copyOfRange(ecPoint, EC_POINT_PREFIX.length, ecPoint.length));
    }

    private static byte[] integer(byte[] unsigned) {
        return der(INTEGER, new BigInteger(1, unsigned).toByteArray());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] der(int tag, byte[]... parts) {
        byte[] content = concat(parts);
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length >= 0x100) {
            out.write(0x82);
            out.write(content.length >> 8);
        } else if (content.length >= 0x80) {
            out.write(0x81);
        }
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
