package dev.strongroom.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** Held while a profile's state is read, compared and replaced: by one thread of one process. */
final class StateLock implements AutoCloseable {
    // Java's file locks are per process: threads need a lock of their own.
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Waits until the lock is free. */
    static StateLock hold(Path folder) throws IOException {
        THREADS.lock();
        try {
            FileChannel channel =
                    FileChannel.open(
                            folder.resolve(".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            channel.lock();
            return new StateLock(channel);
        } catch (IOException | RuntimeException e) {
            THREADS.unlock();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            THREADS.unlock();
        }
    }
}
