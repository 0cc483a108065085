package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** ECDSA over P-256 with SHA-256, the one signature of Strongroom's statements (FIPS 186-5). */
public final class P256 {
    private static final String ALGORITHM = "SHA256withECDSA";

    /** DER of the algorithm (ecPublicKey, secp256r1) up to the uncompressed point (RFC 5480). */
    private static final byte[] SPKI_PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private static final int SPKI_BYTES = 91;

    /** DER adds up to 8 bytes to two 32-byte integers. */
    static final int MAX_SIGNATURE_BYTES = 72;

    private P256() {}

    /** Names a key: SHA-256 of its SubjectPublicKeyInfo. */
    public static Digest keyId(byte[] spki) {
        return Digest.sha256(spki);
    }

    /**
     * Reads a SubjectPublicKeyInfo with an uncompressed P-256 point in its one DER encoding.
     *
     * @throws SealedFormatException for any other bytes
     */
    public static PublicKey publicKey(byte[] spki) throws SealedFormatException {
        if (spki.length != SPKI_BYTES
                || !Arrays.equals(
                        spki, 0, SPKI_PREFIX.length, SPKI_PREFIX, 0, SPKI_PREFIX.length)) {
            throw new SealedFormatException(
                    "P-256 key: expected an uncompressed point in " + SPKI_BYTES + " bytes of DER");
        }
        try {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
        } catch (InvalidKeySpecException e) {
            throw new SealedFormatException("P-256 key: not a point of the curve", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has EC", e);
        }
    }

    /**
     * True when {@code signature} over {@code message} is this key's; false for any other bytes.
     */
    public static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature ecdsa = Signature.getInstance(ALGORITHM);
            ecdsa.initVerify(key);
            ecdsa.update(message);
            return ecdsa.verify(signature);
        } catch (SignatureException e) {
            return false; // not DER, or not of this size
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key is not usable for " + ALGORITHM, e);
        }
    }

    /** A new key pair, in this process's memory. */
    public static KeyPair newKeyPair(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    /** Signs with a key pair held in memory: the owner's key file, or a test's. */
    public static StatementSigner signer(KeyPair keys) {
        return new KeyPairSigner(keys.getPrivate(), keyId(keys.getPublic().getEncoded()));
    }

    private record KeyPairSigner(PrivateKey key, Digest keyId) implements StatementSigner {
        @Override
        public byte[] sign(byte[] message) throws SignatureException {
            try {
                Signature ecdsa = Signature.getInstance(ALGORITHM);
                ecdsa.initSign(key);
                ecdsa.update(message);
                return ecdsa.sign();
            } catch (InvalidKeyException | NoSuchAlgorithmException e) {
                throw new SignatureException("signing key " + keyId + " is not usable", e);
            }
        }

        @Override
        public String toString() {
            return "KeyPairSigner[" + keyId + "]";
        }
    }
}
