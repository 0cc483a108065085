package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.security.interfaces.RSAPublicKey;

/**
 * Moves a data key from one wrapping to another inside the token. In between it is a session object
 * that only wraps, for the length of one method here. Thread-safe; the caller brings a session.
 */
final class DataKeys {
    // RFC 3394 adds 8 bytes, so this length means a key of 32. SoftHSM2 fills a key of 25 to 31
    // bytes up with zeros first, and reports CKA_VALUE_LEN as 0 for any unwrapped key; only the
    // owner can make such a
    // key, and it opens nothing but what the owner sealed under the filled-up one.
    private static final int WRAPPED_AES_256_BYTES = 40;
    private static final int IMPORT_CIPHERTEXT_BYTES = (int) Templates.RSA_BITS / Byte.SIZE;

    private final Cryptoki cryptoki;
    private final ModuleProfile profile;
    private final Template dataKey; // made once: it is a tenth of a re-wrap's time

    DataKeys(Cryptoki cryptoki, ModuleProfile profile, KeyTemplates templates) {
        this.cryptoki = cryptoki;
        this.profile = profile;
        this.dataKey = profile.dialect().key(templates.dataKey());
    }

    /**
     * From the client's ciphertext to a key-encryption key. Every fault of the ciphertext, and
     * everything that a module reports when it meets one, is the same refusal.
     */
    byte[] fromImport(long session, long importKey, byte[] ciphertext, long kek)
            throws CustodyException {
        if (ciphertext.length != IMPORT_CIPHERTEXT_BYTES) {
            throw importRefused();
        }
        try (var key = unwrapped(session, profile.oaepMechanism(), importKey, ciphertext)) {
            byte[] wrapped = cryptoki.wrap(session, profile.keyWrap(), kek, key.handle());
            if (wrapped.length != WRAPPED_AES_256_BYTES) {
                throw importRefused();
            }
            return wrapped;
        } catch (Pkcs11Exception e) {
            throw importRefused();
        }
    }

    /** From one key-encryption key to another. */
    byte[] fromKek(long session, long fromKek, byte[] wrapped, long toKek) throws Pkcs11Exception {
        try (var key = unwrapped(session, profile.keyWrap(), fromKek, wrapped)) {
            return cryptoki.wrap(session, profile.keyWrap(), toKek, key.handle());
        }
    }

    /** From a key-encryption key to an enclave's public key. */
    byte[] toRecipient(long session, long kek, byte[] wrapped, RSAPublicKey recipient)
            throws Pkcs11Exception {
        try (var to =
                new TransientObject(
                        cryptoki,
                        session,
                        cryptoki.createObject(
                                session, profile.dialect().key(Templates.recipient(recipient))))) {
            return toRegistered(session, kek, wrapped, to.handle());
        }
    }

    /** The same to a public key that the token has. */
    byte[] toRegistered(long session, long kek, byte[] wrapped, long recipient)
            throws Pkcs11Exception {
        try (var key = unwrapped(session, profile.keyWrap(), kek, wrapped)) {
            return cryptoki.wrap(session, profile.oaepMechanism(), recipient, key.handle());
        }
    }

    private TransientObject unwrapped(
            long session, Mechanism mechanism, long unwrappingKey, byte[] wrapped)
            throws Pkcs11Exception {
        return new TransientObject(
                cryptoki,
                session,
                cryptoki.unwrap(session, mechanism, unwrappingKey, wrapped, dataKey));
    }

    static CustodyException importRefused() {
        return new CustodyException(
                Reason.IMPORT_REFUSED,
                "import ciphertext: refused; seal again with the tenant's current import"
                        + " certificate");
    }
}
