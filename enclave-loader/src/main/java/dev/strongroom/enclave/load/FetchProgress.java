package dev.strongroom.enclave.load;

import dev.strongroom.enclave.lease.LeaseException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a fetch has come, told by the thread that fetches and waited for by the one that opens.
 * The files of a version come one after another: of each its bytes, then that its digest is the
 * owner's, then that it is kept on disk.
 *
 * <p>Thread-safe. Whatever is waited for, a failure of the fetch ends the wait with it.
 */
final class FetchProgress {
    private static final long LOOK_MILLIS = 1000; // a suspended machine's timers stand still

    private final LongSupplier nanos;
    private long left;
    private int kept;
    private long written;
    private boolean intact;
    private @Nullable Throwable failure;

    /**
     * @param toCome bytes that will come over the line
     * @param nanos monotonic
     */
    FetchProgress(long toCome, LongSupplier nanos) {
        this.left = toCome;
        this.nanos = nanos;
    }

    /** So many more bytes of the present file can be read. */
    synchronized void wrote(long bytes) {
        written += bytes;
        left -= bytes;
        notifyAll();
    }

    /** The present file is whole and the owner's. */
    synchronized void intact() {
        intact = true;
        notifyAll();
    }

    /** The present file is on disk under its name; the next one begins. */
    synchronized void kept() {
        kept++;
        written = 0;
        intact = false;
        notifyAll();
    }

    /** Nothing more will come. */
    synchronized void failed(Throwable why) {
        failure = why;
        notifyAll();
    }

    /** Returns when {@link LittleLeft little is left}, or so many files are kept. */
    synchronized void awaitLittleLeft(int files) throws IOException, LeaseException {
        var little = new LittleLeft(left, nanos);
        while (kept < files && !little.is(left)) {
            await();
        }
        requireGoing();
    }

    /** Returns when so many files are kept. */
    synchronized void awaitKept(int files) throws IOException, LeaseException {
        while (kept < files) {
            await();
        }
    }

    /**
     * Waits for bytes of a file.
     *
     * @param bytes from its start
     * @param all that the file has
     * @param until reading of the clock
     * @return how many there are
     * @throws TimeoutException when they are not there by then
     */
    synchronized long awaitWritten(int file, long bytes, long all, long until)
            throws IOException, LeaseException, TimeoutException {
        requireGoing();
        while (written(file, all) < bytes) {
            await(until);
        }
        return written(file, all);
    }

    /**
     * Returns when a file's digest was found to be the owner's.
     *
     * @param until as above
     */
    synchronized void awaitIntact(int file, long until)
            throws IOException, LeaseException, TimeoutException {
        while (kept <= file && !(kept == file && intact)) {
            await(until);
        }
    }

    private long written(int file, long all) {
        if (kept > file) {
            return all;
        }
        return kept == file ? written : 0;
    }

    private void await(long until) throws IOException, LeaseException, TimeoutException {
        requireGoing();
        long rest = TimeUnit.NANOSECONDS.toMillis(until - nanos.getAsLong());
        if (rest <= 0) {
            throw new TimeoutException();
        }
        sleep(Math.min(rest, LOOK_MILLIS));
    }

    private void await() throws IOException, LeaseException {
        requireGoing();
        sleep(LOOK_MILLIS);
    }

    /** Until it is told something, or it is time to look at the clock. */
    @SuppressWarnings("WaitNotInLoop") // every caller is one
    private void sleep(long millis) throws IOException {
        try {
            wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sealed files were fetched");
        }
    }

    private void requireGoing() throws IOException, LeaseException {
        switch (failure) {
            case null -> {}
            case IOException failed -> throw failed;
            case LeaseException refused -> throw refused;
            case RuntimeException bug -> throw bug;
            case Error error -> throw error;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }
}
