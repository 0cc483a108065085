package dev.strongroom.crypto.custody;

/** Who makes a tenant's key-encryption and import keys. */
public enum KeyOrigin {
    /** The vault, when it needs them. */
    VAULT,
    /**
     * A security officer, ahead of time, at a ceremony: the vault can use them and neither make,
     * change nor destroy them, and what they protect goes only to recipients that he registered.
     */
    CEREMONY
}
