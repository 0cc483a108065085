package dev.strongroom.serving.models;

import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A resident with the calls that hold it; guarded by the registry's lock. */
final class Slot {
    private final Resident resident;
    private final Instant since;
    private int holds;
    private boolean retired;
    private boolean ending;
    private long lastUse;

    /**
     * @param now larger is later
     * @param since when it came
     */
    Slot(Resident resident, long now, Instant since) {
        this.resident = resident;
        this.lastUse = now;
        this.since = since;
    }

    Resident resident() {
        return resident;
    }

    ServedModel model() {
        return resident.model();
    }

    Instant since() {
        return since;
    }

    boolean isIdle() {
        return holds == 0;
    }

    /** Larger is later. */
    long lastUse() {
        return lastUse;
    }

    ServedModels.Hold hold(long now, Consumer<Slot> release) {
        holds++;
        lastUse = now;
        return new OneHold(this, release);
    }

    void release() {
        holds--;
    }

    void retire() {
        retired = true;
    }

    /** True when it is out of force and nobody holds it. */
    boolean isOver() {
        return retired && holds == 0;
    }

    /** True for the first who wants to end it. */
    boolean beginEnd() {
        boolean first = !ending;
        ending = true;
        return first;
    }

    private record OneHold(Slot slot, Consumer<Slot> release, AtomicBoolean open)
            implements ServedModels.Hold {
        OneHold(Slot slot, Consumer<Slot> release) {
            this(slot, release, new AtomicBoolean(true));
        }

        @Override
        public ServedModel model() {
            return slot.model();
        }

        @Override
        public void close() {
            if (open.compareAndSet(true, false)) {
                release.accept(slot);
            }
        }
    }
}
