package dev.strongroom.serving.guard.puzzle;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Does checks one after another and rests after each for three times as long, or longer where
 * others of this process check as well: however many solutions come, a quarter of a processor
 * together and the memory of one hash each is all that they get. Who waits hears of the verdict on
 * another thread, so that what follows is none of the checks' time. Thread-safe.
 */
final class Checks {
    private static final int PARTS = 4; // of a processor, of which one is theirs
    private static final double FIRST_GUESS = 1250; // nanoseconds a KiB: 10 ms for 8 MiB
    private static final double LATEST = 0.25; // of what is reckoned with

    private final int rests;
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
     * @param all that share the quarter of a processor, this one among them
     * @param nanos of a clock that is never turned back
     * @param answers where it goes on with the calls
     */
    Checks(int all, LongSupplier nanos, Later later, Executor answers) {
        this.rests = PARTS * all - 1;
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
        return untilRested() + Math.round((1 + rests) * kib * nanosAKib);
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
        restedNanos = nanos.getAsLong() + rests * took;
        busy = !queue.isEmpty();
        if (busy) {
            later.run(this::work, rests * took);
        }
    }
}
