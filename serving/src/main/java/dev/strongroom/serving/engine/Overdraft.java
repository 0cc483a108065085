package dev.strongroom.serving.engine;

import dev.strongroom.enclave.memory.LockedHeap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What one thread does with ONNX Runtime at the moment, so that the allocator it calls can end it
 * when memory has run out. A thread of ONNX Runtime's own does not say for whom it computes: then
 * all end for whom it may, which are those over the same memory.
 *
 * <p>Begun and closed by one thread, whose current one it is until then; drawn by any.
 */
final class Overdraft implements AutoCloseable {
    private static final ThreadLocal<@Nullable Overdraft> CURRENT = new ThreadLocal<>();
    private static final Set<Overdraft> THREADED = ConcurrentHashMap.newKeySet();

    private final Profile over;
    private final Runnable end;
    private final boolean threaded;
    private volatile boolean drawn;

    private Overdraft(Profile over, Runnable end, boolean threaded) {
        this.over = over;
        this.end = end;
        this.threaded = threaded;
    }

    /**
     * @param over says what memory it takes
     * @param threads that compute for it, this one among them
     * @param end has the work end at its next step
     */
    static Overdraft begin(Profile over, int threads, Runnable end) {
        var overdraft = new Overdraft(over, end, threads > 1);
        CURRENT.set(overdraft);
        if (overdraft.threaded) {
            THREADED.add(overdraft);
        }
        return overdraft;
    }

    /**
     * Memory was refused to this thread: what it computes from now on is wrong.
     *
     * @param heap that has no more
     * @return false when nobody is known for whom it computes
     */
    static boolean draw(LockedHeap heap) {
        Overdraft own = CURRENT.get();
        List<Overdraft> drawn =
                own == null
                        ? THREADED.stream().filter(each -> each.isOver(heap)).toList()
                        : List.of(own);
        drawn.forEach(Overdraft::drawThis);
        return !drawn.isEmpty();
    }

    private boolean isOver(LockedHeap heap) {
        return over instanceof Profile.Fast(var copies) && copies == heap;
    }

    private void drawThis() {
        drawn = true;
        end.run();
    }

    boolean drawn() {
        return drawn;
    }

    /**
     * Refuses what was computed without memory.
     *
     * @throws InferenceException INPUT
     */
    void requireCovered() throws InferenceException {
        if (drawn) {
            throw OutOfMemory.refusal();
        }
    }

    @Override
    public void close() {
        CURRENT.remove();
        if (threaded) {
            THREADED.remove(this);
        }
    }
}
