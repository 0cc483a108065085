package dev.strongroom.crypto.format;

import java.security.spec.MGF1ParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/** The hash of RSA-OAEP and of its MGF1; the label is empty (RFC 8017, 7.1). */
public enum OaepHash {
    /** All that SoftHSM2 offers; OAEP does not lean on collision resistance. */
    SHA1(1, "SHA-1"),
    SHA256(2, "SHA-256");

    private final int number;
    private final String algorithm;

    OaepHash(int number, String algorithm) {
        this.number = number;
        this.algorithm = algorithm;
    }

    public int number() {
        return number;
    }

    /** The name of the hash as JCA knows it. */
    public String algorithm() {
        return algorithm;
    }

    public OAEPParameterSpec parameters() {
        return new OAEPParameterSpec(
                algorithm, "MGF1", new MGF1ParameterSpec(algorithm), PSource.PSpecified.DEFAULT);
    }

    public static OaepHash ofNumber(int number) {
        for (OaepHash hash : values()) {
            if (hash.number == number) {
                return hash;
            }
        }
        throw new IllegalArgumentException("OAEP hash: unknown number " + number);
    }
}
