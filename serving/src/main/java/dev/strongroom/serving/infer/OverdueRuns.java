package dev.strongroom.serving.infer;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what nobody waits for any more. One look at everything costs less than a timer each.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class OverdueRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OverdueRuns.class);
    private static final long LOOK_MILLIS = 25; // at 10 the looks were 2 % of a busy node

    private final ServedModels models;
    private final List<Runnable> others = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor watch =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("overdue-runs").daemon().factory());

    private OverdueRuns(ServedModels models) {
        this.models = models;
    }

    static OverdueRuns watch(ServedModels models) {
        var runs = new OverdueRuns(models);
        var _ =
                runs.watch.scheduleWithFixedDelay(
                        Lasting.look(LOG, "overdue.not_looked", runs::look),
                        LOOK_MILLIS,
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
        return runs;
    }

    /** Has this look as often, from now on; it takes little time. */
    void also(Runnable look) {
        others.add(look);
    }

    private void look() {
        for (Runnable other : others) {
            Lasting.look(LOG, "overdue.not_ended", other).run();
        }
        for (ServedModel model : models.open()) {
            Lasting.look(LOG, "run.not_ended", model.engine()::endOverdue).run();
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
