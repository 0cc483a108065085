package dev.strongroom.serving.infer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The jobs that wait for one model. Connections take turns, so that nobody who sends many keeps
 * others waiting; the jobs of one connection stay in order. Knows how many runs of its model are
 * under way, and who else can be expected. Not thread-safe.
 */
final class Lane {
    private final Map<Long, ArrayDeque<Job>> byConnection = new HashMap<>();
    private final ArrayDeque<Long> turns = new ArrayDeque<>();
    private final Company company = new Company();
    private int size;
    private int running;

    void add(Job job) {
        byConnection
                .computeIfAbsent(
                        job.connection(),
                        connection -> {
                            turns.addLast(connection);
                            return new ArrayDeque<>();
                        })
                .addLast(job);
        size++;
        company.came();
    }

    int size() {
        return size;
    }

    /** A run has begun. */
    void begin() {
        running++;
    }

    /** One of so many jobs has ended. */
    void end(int jobs, long nanos) {
        running--;
        company.ran(jobs, nanos);
    }

    /** Who may come in a moment. */
    Company company() {
        return company;
    }

    /** Runs under way. */
    int running() {
        return running;
    }

    /**
     * The job whose turn it is, and those of the others' next ones that may run with it.
     *
     * @param rows as many as may run at once; a first job with more runs alone
     */
    List<Job> take(int rows) {
        var batch = new ArrayList<Job>();
        long room = rows;
        int passed = 0; // connections in a row whose next job does not fit
        while (size > 0 && passed < turns.size()) {
            long connection = turns.removeFirst();
            ArrayDeque<Job> jobs = Objects.requireNonNull(byConnection.get(connection));
            Job job = jobs.getFirst();
            if (batch.isEmpty()
                    || (job.request().rows() <= room && job.runsWith(batch.getFirst()))) {
                jobs.removeFirst();
                size--;
                batch.add(job);
                room -= job.request().rows();
                passed = 0;
            } else {
                passed++;
            }
            keepTurn(connection, jobs);
            if (room <= 0) {
                break;
            }
        }
        return batch;
    }

    private void keepTurn(long connection, ArrayDeque<Job> jobs) {
        if (jobs.isEmpty()) {
            byConnection.remove(connection);
        } else {
            turns.addLast(connection);
        }
    }
}
