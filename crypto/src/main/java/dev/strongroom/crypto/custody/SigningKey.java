package dev.strongroom.crypto.custody;

/**
 * The vault's own signing keys, each an EC P-256 pair born in the token. All but the ceremony key
 * have versions, counted from 1.
 */
public enum SigningKey {
    /** Signs import certificates and the vault's identity; its fingerprint is pinned. */
    CEREMONY("ceremony"),
    /** Signs audit checkpoints and leases. */
    SIGNING("signing"),
    /** Issues the certificates of people, nodes and serving endpoints. */
    CA("ca"),
    /** The key of the vault's own TLS server. */
    TLS("tls");

    /** The version of each that a vault is made with. */
    public static final int FIRST = 1;

    private final String label;

    SigningKey(String label) {
        this.label = label;
    }

    /**
     * The key of a label.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static SigningKey ofLabel(String label) {
        for (SigningKey key : values()) {
            if (key.label.equals(label)) {
                return key;
            }
        }
        throw new IllegalArgumentException("signing key: no such label");
    }

    /** Stable name, part of the token object's label. */
    public String label() {
        return label;
    }
}
