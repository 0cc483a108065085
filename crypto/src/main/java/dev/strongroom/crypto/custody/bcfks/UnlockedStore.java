package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A key store file that was unlocked: what is in it, and how that changes.
 *
 * <p>The file is unlocked once. A change replaces it if it is still the file that was read and the
 * password still the one it was opened with, so that no vault overwrites keys of another or locks
 * itself out.
 *
 * <p>Thread-safe.
 */
final class UnlockedStore implements AutoCloseable {
    private final StoreLock lock;
    private final KeyStoreFile file;
    private final BcfksConfig config;
    private final PasswordCheck openedWith;
    private final String serial;
    private final ReentrantLock changing = new ReentrantLock();
    private final AtomicBoolean open = new AtomicBoolean(true);
    private volatile Entries entries;

    private UnlockedStore(
            StoreLock lock,
            KeyStoreFile file,
            BcfksConfig config,
            PasswordCheck openedWith,
            Entries entries)
            throws CustodyException {
        this.lock = lock;
        this.file = file;
        this.config = config;
        this.openedWith = openedWith;
        this.entries = entries;
        serial = entries.serial();
    }

    /** Makes one with the vault's own keys. */
    static UnlockedStore create(BcfksConfig config, SecureRandom random) throws CustodyException {
        var file = new KeyStoreFile(config.file());
        return locked(
                file,
                config,
                random,
                password -> {
                    file.requireNew();
                    Entries made = vaultKeys(random);
                    file.write(made, password);
                    return made.published();
                });
    }

    static UnlockedStore open(BcfksConfig config, String serial, SecureRandom random)
            throws CustodyException {
        var file = new KeyStoreFile(config.file());
        return locked(file, config, random, password -> loaded(file, password, serial));
    }

    @FunctionalInterface
    private interface Source {
        Entries entries(StorePassword password) throws CustodyException;
    }

    private static UnlockedStore locked(
            KeyStoreFile file, BcfksConfig config, SecureRandom random, Source source)
            throws CustodyException {
        StoreLock lock = StoreLock.take(file.path());
        try (StorePassword password = StorePassword.read(config.password())) {
            var check = PasswordCheck.of(password, random);
            return new UnlockedStore(lock, file, config, check, source.entries(password));
        } catch (CustodyException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static Entries vaultKeys(SecureRandom random) throws CustodyException {
        try {
            Entries made = Entries.create(random);
            made.addSecret(KeyName.recordMac(), Entries.HMAC, random);
            for (SigningKey key : SigningKey.values()) {
                KeyPairs.P_256.addTo(made, KeyName.signing(key), random);
            }
            return made;
        } catch (GeneralSecurityException | IOException e) {
            throw cannotMake(e);
        }
    }

    private static Entries loaded(KeyStoreFile file, StorePassword password, String serial)
            throws CustodyException {
        Entries loaded = file.load(password);
        if (!loaded.serial().equals(serial)) {
            throw new CustodyException(
                    Reason.TOKEN_CHANGED,
                    "key store "
                            + file.path()
                            + " does not have serial number "
                            + serial
                            + "; it is another key store, so nothing is done with it: restore the"
                            + " original");
        }
        return loaded;
    }

    String path() {
        return file.path().toString();
    }

    String serial() {
        return serial;
    }

    /** False once it is closed. */
    AtomicBoolean isOpen() {
        return open;
    }

    /**
     * @throws CustodyException TOKEN_FAILED if it is closed
     */
    Entries entries() throws CustodyException {
        if (!open.get()) {
            throw new CustodyException(Reason.TOKEN_FAILED, "the key store is closed");
        }
        return entries;
    }

    @FunctionalInterface
    interface Change {
        void of(Entries next) throws GeneralSecurityException, CustodyException;
    }

    /** Changes what is on disk; readers see it once that is durable. */
    void change(Change change) throws CustodyException {
        changing.lock();
        try (StorePassword password = StorePassword.read(config.password())) {
            Entries current = entries();
            file.requireUnchanged();
            openedWith.require(password);
            try {
                change.of(current);
                file.write(current, password);
                current.published();
            } catch (CustodyException | GeneralSecurityException | RuntimeException e) {
                entries = loaded(file, password, serial); // whichever is on disk
                throw e;
            }
        } catch (GeneralSecurityException e) {
            throw cannotMake(e);
        } finally {
            changing.unlock();
        }
    }

    private static CustodyException cannotMake(Exception cause) {
        return new CustodyException(Reason.TOKEN_FAILED, "keys cannot be made", cause);
    }

    /** Gives the file back. */
    @Override
    public void close() {
        changing.lock();
        try {
            if (open.compareAndSet(true, false)) {
                lock.close();
            }
        } finally {
            changing.unlock();
        }
    }
}
