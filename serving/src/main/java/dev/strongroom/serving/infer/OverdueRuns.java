package dev.strongroom.serving.infer;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends runs that nobody waits for any more. One look at all of them costs less than a timer each.
 */
final class OverdueRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OverdueRuns.class);
    private static final long LOOK_MILLIS = 20;

    private final ServedModels models;
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
                        runs::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return runs;
    }

    private void look() {
        for (ServedModel model : models.open()) {
            try {
                model.engine().endOverdue();
            } catch (RuntimeException e) {
                LOG.error("run.not_ended model={}", model.name(), e);
            }
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
