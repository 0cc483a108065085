package dev.strongroom.serving.infer;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Jobs of which the guard does not know yet whether they may run, because it asks somebody else.
 * Each holds a place among those that wait, leaves it when its caller goes, and is refused when it
 * would wait longer than is promised.
 *
 * <p>Thread-safe.
 */
final class Undecided {
    private final Set<Entry> entries = ConcurrentHashMap.newKeySet();
    private final Duration patience;
    private final Ends ends;

    /** What becomes of a job; each is told of exactly one. */
    interface Ends {
        /** The guard may know now. */
        void ask(Job job);

        void refuse(Job job, RefusedException refusal);

        /** Nobody waits for it any more. */
        void drop(Job job);
    }

    /** Whoever takes the job out of it ends it; the guard's promise keeps no request alive. */
    private static final class Entry {
        private final AtomicReference<@Nullable Job> job;

        private Entry(Job job) {
            this.job = new AtomicReference<>(job);
        }

        private @Nullable Job take() {
            return job.getAndSet(null);
        }
    }

    /**
     * @param patience longest that a job waits for the guard
     */
    Undecided(Duration patience, Ends ends) {
        this.patience = patience;
        this.ends = ends;
    }

    void add(Job job, CompletionStage<?> word) {
        var entry = new Entry(job);
        entries.add(entry);
        word.whenComplete((_, failure) -> {
            entries.remove(entry);
            Job decided = entry.take();
            if (decided != null) {
                decide(decided, failure);
            }
        });
    }

    private void decide(Job job, @Nullable Throwable failure) {
        switch (failure) {
            case null -> ends.ask(job);
            case RefusedException refusal -> ends.refuse(job, refusal);
            default -> ends.refuse(job, RefusedException.unexpected(failure));
        }
    }

    /** Ends those that nobody waits for, and those that waited too long. */
    void look() {
        long now = System.nanoTime();
        for (Entry entry : entries) {
            Job waiting = entry.job.get();
            if (waiting == null) {
                continue;
            }
            if (waiting.call().abandoned()) {
                end(entry, ends::drop);
            } else if (now - waiting.arrivedNanos() > patience.toNanos()) {
                end(entry, job -> ends.refuse(job, tooLong()));
            }
        }
    }

    /** Refuses all that wait; later ones are not expected. */
    void close() {
        entries.forEach(entry -> end(entry, job -> ends.refuse(job, RefusedException.draining())));
    }

    private void end(Entry entry, Consumer<Job> how) {
        entries.remove(entry);
        Job job = entry.take();
        if (job != null) {
            how.accept(job);
        }
    }

    private RefusedException tooLong() {
        return RefusedException.exhausted(
                "OVERLOADED",
                "nobody said within %d ms whether this caller may ask; nothing was charged, try"
                                .formatted(patience.toMillis())
                        + " again later",
                patience);
    }
}
