package dev.strongroom.serving.engine;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** The runs of a session that are under way, so that they can be told to end. Thread-safe. */
final class ActiveRuns {
    private final Set<Run> runs = ConcurrentHashMap.newKeySet();
    private volatile boolean interrupted;

    /** One run; closing it frees its options, which nobody touches afterwards. */
    final class Run implements AutoCloseable {
        private final OrtSession.RunOptions options;
        private final BooleanSupplier over;
        private volatile boolean stopped;
        private boolean closed;

        private Run(OrtSession.RunOptions options, BooleanSupplier over) {
            this.options = options;
            this.over = over;
        }

        /** True when it was ended because it was over, whether or not it had an answer by then. */
        boolean stopped() {
            return stopped;
        }

        OrtSession.RunOptions options() {
            return options;
        }

        /** Has it end at its next step. */
        synchronized void end() {
            try {
                if (!closed) {
                    options.setTerminate(true);
                }
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime does not end a run", e);
            }
        }

        @Override
        public synchronized void close() {
            runs.remove(this);
            closed = true;
            options.close();
        }
    }

    /**
     * @param over true once nobody wants the run's answer any more
     */
    Run begin(BooleanSupplier over) throws OrtException {
        var run = new Run(new OrtSession.RunOptions(), over);
        runs.add(run);
        if (interrupted) {
            run.end();
        }
        return run;
    }

    boolean interrupted() {
        return interrupted;
    }

    /** Ends the runs that are over at their next step. */
    void endOverdue() {
        for (Run run : runs) {
            if (!run.stopped && run.over.getAsBoolean()) {
                run.stopped = true;
                run.end();
            }
        }
    }

    /** Ends every run at its next step, and every later one before its first. */
    void interrupt() {
        interrupted = true;
        runs.forEach(Run::end);
    }
}
