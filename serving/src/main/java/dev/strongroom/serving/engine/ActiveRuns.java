package dev.strongroom.serving.engine;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The runs of a session that are under way, so that they can be told to end. Thread-safe. */
final class ActiveRuns {
    private final Set<Run> runs = ConcurrentHashMap.newKeySet();
    private volatile boolean interrupted;

    /** One run; closing it frees its options, which nobody touches afterwards. */
    final class Run implements AutoCloseable {
        private final OrtSession.RunOptions options;
        private boolean closed;

        private Run(OrtSession.RunOptions options) {
            this.options = options;
        }

        OrtSession.RunOptions options() {
            return options;
        }

        private synchronized void end() throws OrtException {
            if (!closed) {
                options.setTerminate(true);
            }
        }

        @Override
        public synchronized void close() {
            runs.remove(this);
            closed = true;
            options.close();
        }
    }

    Run begin() throws OrtException {
        var run = new Run(new OrtSession.RunOptions());
        runs.add(run);
        if (interrupted) {
            run.end();
        }
        return run;
    }

    boolean interrupted() {
        return interrupted;
    }

    /** Ends every run at its next step, and every later one before its first. */
    void interrupt() {
        interrupted = true;
        for (Run run : runs) {
            try {
                run.end();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime does not end a run", e);
            }
        }
    }
}
