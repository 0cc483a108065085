package dev.strongroom.serving.guard.puzzle;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Does checks one after another and rests after each for three times as long: however many
 * solutions come, a quarter of a processor and the memory of one hash is all that they get. Who
 * waits hears of the verdict on another thread, so that what follows is none of the checks' time.
 * Thread-safe.
 */
final class Checks {
    private static final int RESTS = 3;
    private static final double FIRST_GUESS = 1250; // nanoseconds a KiB: 10 ms for 8 MiB
    private static final double LATEST = 0.25; // of what is reckoned with

    private final LongSupplier nanos;
    private final Later later;
    private final Executor answers;
    private final Queue<Waiting> queue = new ArrayDeque<>(); // guarded by this, as what follows
    private boolean busy;
    private long kib; // of those that wait, and of the one that is looked at
    private double nanosAKib = FIRST_GUESS;
    private long restedNanos;

    /** Where checks are done: one after another. */
    interface Later {
        void run(Runnable check, long afterNanos);
    }

    private record Waiting(Check check, CompletableFuture<Verdict> verdict) {}

    /**
     * @param nanos of a clock that is never turned back
     * @param answers where it goes on with the calls
     */
    Checks(LongSupplier nanos, Later later, Executor answers) {
        this.nanos = nanos;
        this.later = later;
        this.answers = answers;
        this.restedNanos = nanos.getAsLong();
    }

    /** Checks in its turn. */
    synchronized CompletableFuture<Verdict> add(Check check) {
        var waiting = new Waiting(check, new CompletableFuture<>());
        queue.add(waiting);
        kib += check.kib();
        if (!busy) {
            busy = true;
            later.run(this::work, untilRested());
        }
        return waiting.verdict();
    }

    /** Until the turn of one that comes now, as far as those before it foretell. */
    synchronized long waitNanos() {
        return untilRested() + Math.round((1 + RESTS) * kib * nanosAKib);
    }

    private long untilRested() {
        return Math.max(0, restedNanos - nanos.getAsLong());
    }

    private void work() {
        Waiting next;
        synchronized (this) {
            next = queue.remove();
        }
        long begun = nanos.getAsLong();
        Verdict verdict = Verdict.UNCHECKED;
        try {
            verdict = verdict(next.check());
        } finally {
            tell(next, verdict, nanos.getAsLong() - begun);
        }
    }

    private static Verdict verdict(Check check) {
        if (!check.begin()) {
            return Verdict.UNCHECKED;
        }
        return check.isRight() ? Verdict.RIGHT : Verdict.WRONG;
    }

    private void tell(Waiting done, Verdict verdict, long took) {
        rest(done.check().kib(), verdict, took);
        done.check().ended(verdict);
        answers.execute(() -> done.verdict().complete(verdict));
    }

    private synchronized void rest(long done, Verdict verdict, long took) {
        kib -= done;
        if (verdict != Verdict.UNCHECKED) {
            nanosAKib += LATEST * ((double) took / done - nanosAKib);
        }
        restedNanos = nanos.getAsLong() + RESTS * took;
        busy = !queue.isEmpty();
        if (busy) {
            later.run(this::work, RESTS * took);
        }
    }
}
