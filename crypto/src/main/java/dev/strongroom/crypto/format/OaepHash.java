package dev.strongroom.crypto.format;

/** The hash of RSA-OAEP, for the label and for MGF1 alike. */
public enum OaepHash {
    /** All that SoftHSM2 can do. OAEP does not need collision resistance. */
    SHA1("SHA-1"),
    SHA256("SHA-256");

    private final String algorithm;

    OaepHash(String algorithm) {
        this.algorithm = algorithm;
    }

    /** The JCA name. */
    public String algorithm() {
        return algorithm;
    }
}
