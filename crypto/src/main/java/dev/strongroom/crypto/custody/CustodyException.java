package dev.strongroom.crypto.custody;

import org.jspecify.annotations.Nullable;

/**
 * The token refused, failed or is not the expected one. The reason is stable and safe to show; the
 * message says what was expected and what to do next, and never holds key bytes or a PIN.
 */
public final class CustodyException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; the names are stable. */
    public enum Reason {
        /** The PKCS#11 module cannot be loaded or is not one with a known profile. */
        MODULE_NOT_USABLE,
        /** The module failed its start-up self-test. */
        SELF_TEST_FAILED,
        /** The PIN cannot be read, or others can read it. */
        PIN_NOT_USABLE,
        /** The token refused the PIN. One attempt was made. */
        PIN_INCORRECT,
        /** The token locked the PIN. */
        PIN_LOCKED,
        /** No token has the configured label. */
        TOKEN_NOT_FOUND,
        /** Several tokens have the configured label and no serial number decides. */
        TOKEN_DUPLICATE,
        /** A token has the label, but it is not the one the vault was initialised with. */
        TOKEN_CHANGED,
        /** The key store's file cannot be read or written, or others can. */
        STORE_NOT_USABLE,
        /** No free session in time. */
        TOKEN_BUSY,
        /** The token or its module failed. */
        TOKEN_FAILED,
        /** The token was lost and could not be had back yet; the cause has the reason. */
        TOKEN_DOWN,
        /** The key is not in the token. Nothing makes a new one by itself. */
        KEY_NOT_FOUND,
        /** The key to be created is already there. */
        KEY_EXISTS,
        /** Several objects answer to one key's name. */
        KEY_DUPLICATE,
        /** A key does not have the attributes it was made with. */
        KEY_ATTRIBUTES,
        /** The key-encryption key is retired and wraps nothing new. */
        KEK_RETIRED,
        /** The key-encryption key still wraps; only a retired one is destroyed. */
        KEK_ACTIVE,
        /** The import ciphertext was refused; deliberately not said why. */
        IMPORT_REFUSED,
        /** The record of a wrapped key was not written by this token, or was changed. */
        RECORD_NOT_AUTHENTIC,
        /** The attested evidence speaks for another model, owner or manifest than the record. */
        RELEASE_NOT_BOUND,
        /** The enclave's public key is not an RSA-3072 key with exponent 65537. */
        RELEASE_KEY_REFUSED,
        /** The keys were made at a ceremony, and no security officer registered this recipient. */
        RECIPIENT_NOT_REGISTERED,
        /** The key was made at a ceremony, so that nobody who has the PIN can destroy it. */
        KEY_PROTECTED,
        /** The key is to be made at a ceremony, and none was held for it yet. */
        CEREMONY_MISSING
    }

    private final Reason reason;

    public CustodyException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public CustodyException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
