package dev.strongroom.attestation.tpm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Hash algorithms of PCR banks, names and signatures (TPM 2.0 Part 2, TPM_ALG_ID). */
public enum HashAlgorithm {
    SHA1(0x0004, 20, "SHA-1", "sha1"),
    SHA256(0x000B, 32, "SHA-256", "sha256"),
    SHA384(0x000C, 48, "SHA-384", "sha384"),
    SHA512(0x000D, 64, "SHA-512", "sha512"),
    SHA3_256(0x0027, 32, "SHA3-256", "sha3-256"),
    SHA3_384(0x0028, 48, "SHA3-384", "sha3-384"),
    SHA3_512(0x0029, 64, "SHA3-512", "sha3-512");

    /** Longest digest of any algorithm here. */
    static final int MAX_BYTES = 64;

    private final int id;
    private final int bytes;
    private final String jcaName;
    private final String label;

    HashAlgorithm(int id, int bytes, String jcaName, String label) {
        this.id = id;
        this.bytes = bytes;
        this.jcaName = jcaName;
        this.label = label;
    }

    static Optional<HashAlgorithm> ofId(int id) {
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.id == id) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** TPM_ALG_ID. */
    public int id() {
        return id;
    }

    /** Length of a digest. */
    public int bytes() {
        return bytes;
    }

    /** The name in claims: {@code sha256}. */
    public String label() {
        return label;
    }

    String jcaName() {
        return jcaName;
    }

    /** Whether signatures and claims may rest on it: collisions in SHA-1 can be bought. */
    boolean isCollisionResistant() {
        return this != SHA1;
    }

    byte[] digest(byte[]... parts) {
        MessageDigest digest = newDigest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance(jcaName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + jcaName, e);
        }
    }
}
