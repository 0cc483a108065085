package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Two lanes to one platform, whose firmware makes one report at a time and slows down who asks too
 * often: what keeps the lease alive goes first, and what clients ask for leaves it room. A renewal
 * waits for one report of the other lane at most; clients get one report every {@link #PACE}, which
 * may answer many of them.
 *
 * <p>Thread-safe as far as the guest is.
 */
public final class GuestLanes {
    /** Twenty reports a second, for as many as ask: far above what a client notices. */
    public static final Duration PACE = Duration.ofMillis(50);

    private final Guest guest;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition free = lock.newCondition();
    private int renewalsWaiting;
    private boolean busy;
    private long clientsNotBefore;

    /**
     * @param nanos monotonic
     */
    public GuestLanes(Guest guest, LongSupplier nanos) {
        this.guest = guest;
        this.nanos = nanos;
        this.clientsNotBefore = nanos.getAsLong();
    }

    /** Never starved. */
    public Guest renewals() {
        return new Lane(this::enterFirst, () -> {});
    }

    /** Gives way, and keeps the pace. */
    public Guest clients() {
        return new Lane(
                this::enterLast, () -> clientsNotBefore = nanos.getAsLong() + PACE.toNanos());
    }

    /** True while a renewal waits for its turn. */
    boolean renewalWaits() {
        lock.lock();
        try {
            return renewalsWaiting > 0;
        } finally {
            lock.unlock();
        }
    }

    @FunctionalInterface
    private interface Entry {
        void await() throws InterruptedException;
    }

    private void enterFirst() throws InterruptedException {
        renewalsWaiting++;
        try {
            while (busy) {
                free.await();
            }
        } finally {
            renewalsWaiting--;
        }
    }

    private void enterLast() throws InterruptedException {
        while (true) {
            if (busy || renewalsWaiting > 0) {
                free.await();
                continue;
            }
            long early = clientsNotBefore - nanos.getAsLong();
            if (early <= 0) {
                return;
            }
            long _ = free.awaitNanos(early);
        }
    }

    private final class Lane implements Guest {
        private final Entry entry;
        private final Runnable afterwards;

        Lane(Entry entry, Runnable afterwards) {
            this.entry = entry;
            this.afterwards = afterwards;
        }

        @Override
        public Tee tee() {
            return guest.tee();
        }

        @Override
        public Evidence evidence(byte[] reportData) throws GuestException {
            enter();
            try {
                return guest.evidence(reportData);
            } finally {
                leave();
            }
        }

        private void enter() throws GuestException {
            lock.lock();
            try {
                entry.await();
                busy = true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new GuestException("interrupted before the platform was asked", e);
            } finally {
                lock.unlock();
            }
        }

        private void leave() {
            lock.lock();
            try {
                busy = false;
                afterwards.run();
                free.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
