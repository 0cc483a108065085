package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a key store's file is: for a check-up. Neither reading changes it or keeps a vault from it.
 *
 * @param format of the file
 * @param level what keys in it can be trusted for
 * @param bytes its size
 */
public record KeyStoreReport(String format, TrustLevel level, int bytes) {
    /**
     * What is in a key store.
     *
     * @param serial what its vault remembers it by
     * @param entries keys and marks
     */
    public record Content(String serial, int entries) {}

    /**
     * Looks at the file without its password.
     *
     * @throws CustodyException TOKEN_NOT_FOUND if there is none, STORE_NOT_USABLE if others can use
     *     it or it is not a key store of ours
     */
    public static KeyStoreReport of(Path file) throws CustodyException {
        byte[] bytes = new KeyStoreFile(file).read();
        try {
            StoreProtection.require(bytes);
        } catch (IOException e) {
            throw new CustodyException(
                    Reason.STORE_NOT_USABLE,
                    "key store " + file + ": not one that a vault wrote; restore it from a backup",
                    e);
        }
        return new KeyStoreReport(Entries.format(), TrustLevel.SOFTWARE, bytes.length);
    }

    /**
     * Unlocks it, with one attempt.
     *
     * @throws CustodyException as {@link #of}, PIN_INCORRECT if the password is wrong or the file
     *     was changed, PIN_NOT_USABLE
     */
    public static Content unlock(Path file, PinSource password) throws CustodyException {
        try (StorePassword unlocking = StorePassword.read(password)) {
            Entries entries = new KeyStoreFile(file).load(unlocking);
            return new Content(entries.serial(), entries.labels().size());
        }
    }
}
