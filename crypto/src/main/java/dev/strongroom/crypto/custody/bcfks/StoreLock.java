package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second process from the key store for as long as it is open: two would overwrite each
 * other's keys.
 */
final class StoreLock implements AutoCloseable {
    private final FileChannel channel;

    private StoreLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @throws CustodyException TOKEN_BUSY, STORE_NOT_USABLE
     */
    static StoreLock take(Path store) throws CustodyException {
        Path file = store.resolveSibling(store.getFileName() + ".lock");
        try {
            var channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isLocked(channel)) {
                return new StoreLock(channel);
            }
            channel.close();
        } catch (IOException e) {
            throw new CustodyException(
                    Reason.STORE_NOT_USABLE,
                    "key store " + store + ": its folder is missing or cannot be written",
                    e);
        }
        throw new CustodyException(
                Reason.TOKEN_BUSY,
                "key store " + store + " is in use by another vault; stop that one first");
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // held in this process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("a lock cannot be given back", e);
        }
    }
}
