package dev.strongroom.serving;

import dev.strongroom.enclave.lease.LeaseException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Something that a start needs later and does meanwhile, on a thread of its own.
 *
 * <p>For one thread to begin and join.
 */
final class Beside<T> {
    private final FutureTask<T> task;

    /** What is done; ends by itself, whether or not anybody waits. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException, LeaseException;
    }

    private Beside(FutureTask<T> task) {
        this.task = task;
    }

    static <T> Beside<T> begin(String name, Work<T> work) {
        var task = new FutureTask<T>(work::run);
        Thread.ofPlatform().name("start-" + name).daemon().start(task);
        return new Beside<>(task);
    }

    /** Waits for it, as often as one likes. */
    T join() throws IOException, LeaseException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case LeaseException refused -> throw refused;
                case RuntimeException bug -> throw bug;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException | CancellationException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during the start", e);
        }
    }
}
