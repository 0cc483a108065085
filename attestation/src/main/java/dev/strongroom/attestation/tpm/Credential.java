package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.tpm.TpmPublic.SymmetricCipher;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret that only the TPM with a given endorsement key can open, and only while a key of a given
 * name is loaded in it (TPM 2.0 Part 1, 24, "Credential Protection"; TPM2_MakeCredential). Whoever
 * gives the secret back has shown that the named attestation key is in that TPM: then its name
 * belongs among the {@link AkTrust.Enrolled}. That the endorsement key is a real TPM's must be
 * known otherwise, by its certificate. RSA endorsement keys.
 *
 * @param blob TPMS_ID_OBJECT: integrity HMAC and encrypted secret
 * @param encryptedSeed TPM2B_ENCRYPTED_SECRET without its size
 */
public record Credential(byte[] blob, byte[] encryptedSeed) {
    private static final int AES = 0x0006;
    private static final int CFB = 0x0043;

    /**
     * Protects a secret.
     *
     * @param endorsementKey public area of an RSA storage key with AES in CFB mode, as endorsement
     *     keys are made
     * @param attestationKey the key whose name is bound
     * @param secret 1 byte to as many as the endorsement key's name hash has
     * @throws TpmFormatException if the keys are of other kinds
     */
    public static Credential make(
            TpmPublic endorsementKey, TpmPublic attestationKey, byte[] secret, SecureRandom random)
            throws TpmFormatException {
        HashAlgorithm hash = endorsementKey.nameAlgorithm();
        if (secret.length == 0 || secret.length > hash.bytes()) {
            throw new IllegalArgumentException(
                    "secret: expected 1 to " + hash.bytes() + " bytes, got " + secret.length);
        }
        if (!attestationKey.attributes().isAttestationKey()) {
            throw new TpmFormatException("attestation key: expected a restricted signing key");
        }
        SymmetricCipher cipher = requireStorageKey(endorsementKey);
        byte[] name = attestationKey.name();
        byte[] seed = new byte[hash.bytes()];
        random.nextBytes(seed);
        try {
            byte[] identity =
                    encrypt(derive(hash, seed, "STORAGE", name, cipher.keyBits()), sized(secret));
            byte[] integrityKey =
                    derive(hash, seed, "INTEGRITY", new byte[0], hash.bytes() * Byte.SIZE);
            byte[] integrity = hmac(hash, integrityKey, identity, name);
            return new Credential(
                    concat(sized(integrity), identity),
                    encryptSeed(endorsementKey.key(), hash, seed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has OAEP, AES and HMAC", e);
        } finally {
            Arrays.fill(seed, (byte) 0);
        }
    }

    private static SymmetricCipher requireStorageKey(TpmPublic key) throws TpmFormatException {
        return key.symmetric()
                .filter(it -> it.algorithm() == AES && it.mode() == CFB)
                .filter(it -> it.keyBits() == 128 || it.keyBits() == 256)
                .filter(_ -> key.attributes().isStorageKey())
                .filter(_ -> key.key() instanceof RSAPublicKey)
                .orElseThrow(() ->
                        new TpmFormatException(
                                "endorsement key: expected an RSA storage key with AES-CFB"));
    }

    /** OAEP with the key's name hash and the label "IDENTITY" (Part 1, annex B.10.4). */
    private static byte[] encryptSeed(PublicKey key, HashAlgorithm hash, byte[] seed)
            throws GeneralSecurityException {
        var oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(
                        hash.jcaName(),
                        "MGF1",
                        new MGF1ParameterSpec(hash.jcaName()),
                        new PSource.PSpecified(LogEvent.ascii("IDENTITY\0"))));
        return oaep.doFinal(seed);
    }

    private static byte[] encrypt(byte[] key, byte[] plaintext) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/CFB/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(key, "AES"),
                new IvParameterSpec(new byte[16])); // the seed is new each time
        return cipher.doFinal(plaintext);
    }

    /** KDFa (Part 1, 11.4.10.2): SP 800-108 in counter mode; one or two blocks are all we need. */
    private static byte[] derive(
            HashAlgorithm hash, byte[] seed, String label, byte[] context, int bits)
            throws GeneralSecurityException {
        byte[] derived = new byte[0];
        for (int counter = 1; derived.length < bits / Byte.SIZE; counter++) {
            derived =
                    concat(
                            derived,
                            hmac(
                                    hash,
                                    seed,
                                    u32(counter),
                                    LogEvent.ascii(label + "\0"),
                                    context,
                                    u32(bits)));
        }
        return Arrays.copyOf(derived, bits / Byte.SIZE);
    }

    private static byte[] hmac(HashAlgorithm hash, byte[] key, byte[]... parts)
            throws GeneralSecurityException {
        String name = "Hmac" + hash.jcaName().replaceFirst("^SHA-", "SHA");
        var mac = Mac.getInstance(name);
        mac.init(new SecretKeySpec(key, name));
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    private static byte[] sized(byte[] value) {
        return ByteBuffer.allocate(Short.BYTES + value.length)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] concat(byte[] one, byte[] other) {
        return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
    }
}
