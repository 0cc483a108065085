package dev.strongroom.serving.infer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Quick jobs that one thread of a transport has read and runs itself: together, as far as they may,
 * once it has read what came with them. So it waits for nobody, and holds no more than one batch
 * back.
 *
 * <p>For one thread.
 */
final class Gathering {
    private final Consumer<List<Job>> run;
    private final ArrayDeque<Job> jobs = new ArrayDeque<>();
    private long rows; // of the jobs
    private boolean due; // this thread comes back for them
    private boolean running;

    /**
     * @param run does one batch; whatever happens, it ends every call
     */
    Gathering(Consumer<List<Job>> run) {
        this.run = run;
    }

    /** Runs it with those that came before, now or soon. */
    void add(Job job) {
        jobs.addLast(job);
        rows += job.request().rows();
        if (running) {
            return; // an answer brought the next request, while others wait for theirs
        }
        if (!job.model().batches() || rows >= job.model().settings().batchRows()) {
            runAll();
        } else {
            comeBack();
        }
    }

    private void comeBack() {
        if (!due && !jobs.isEmpty()) {
            due = true;
            jobs.getFirst()
                    .call()
                    .soon(() -> {
                        due = false;
                        runAll();
                    });
        }
    }

    /** But for those that come meanwhile: what else this thread has to do is done before. */
    private void runAll() {
        running = true;
        try {
            int left = jobs.size();
            while (left > 0) {
                List<Job> batch = next();
                left -= batch.size();
                run.accept(batch);
            }
        } finally {
            running = false;
            comeBack();
        }
    }

    /** The first, and of the others those that may run with it. */
    private List<Job> next() {
        Job first = jobs.removeFirst();
        var batch = new ArrayList<Job>();
        batch.add(first);
        long room = first.model().settings().batchRows() - first.request().rows();
        Iterator<Job> others = jobs.iterator();
        while (first.model().batches() && room > 0 && others.hasNext()) {
            Job other = others.next();
            if (other.model() == first.model()
                    && other.request().rows() <= room
                    && other.runsWith(first)) {
                others.remove();
                batch.add(other);
                room -= other.request().rows();
            }
        }
        batch.forEach(job -> rows -= job.request().rows());
        return batch;
    }
}
