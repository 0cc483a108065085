package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * Tells whether a password is the one that the key store was opened with, without keeping it: so
 * that a change never encrypts the store under whatever the password's source says by then.
 */
record PasswordCheck(byte[] salt, byte[] tag) {
    private static final int SALT_BYTES = 32;

    static PasswordCheck of(StorePassword password, SecureRandom random) throws CustodyException {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return new PasswordCheck(salt, password.tag(salt));
    }

    /**
     * @throws CustodyException PIN_INCORRECT
     */
    void require(StorePassword password) throws CustodyException {
        if (!MessageDigest.isEqual(tag, password.tag(salt))) {
            throw new CustodyException(
                    Reason.PIN_INCORRECT,
                    "the key store's password is not the one it was opened with; nothing was"
                            + " changed. To change it, stop the vault and use a tool such as"
                            + " keytool with Bouncy Castle");
        }
    }
}
