package dev.strongroom.crypto.format;

import java.security.spec.MGF1ParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/** The hash of RSA-OAEP and of its MGF1; the label is empty (RFC 8017, 7.1). */
public enum OaepHash {
    /** All that SoftHSM2 offers; OAEP does not lean on collision resistance. */
    SHA1(1, "SHA-1", MGF1ParameterSpec.SHA1),
    SHA256(2, "SHA-256", MGF1ParameterSpec.SHA256);

    private final int number;
    private final String algorithm;
    private final MGF1ParameterSpec mgf1;

    OaepHash(int number, String algorithm, MGF1ParameterSpec mgf1) {
        this.number = number;
        this.algorithm = algorithm;
        this.mgf1 = mgf1;
    }

    public int number() {
        return number;
    }

    /** The name of the hash as JCA knows it. */
    public String algorithm() {
        return algorithm;
    }

    public OAEPParameterSpec parameters() {
        return new OAEPParameterSpec(algorithm, "MGF1", mgf1, PSource.PSpecified.DEFAULT);
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
