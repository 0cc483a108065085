package dev.strongroom.serving.tune;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.PeerLimits;
import dev.strongroom.serving.infer.RawRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.SampleRows;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Looks for the best way to run one model: first at runs at once and threads inside each, then at
 * rows together.
 *
 * <p>Every look is some inferences on the path that all inferences take, and each is taken from the
 * lease. Their rows are generated here, and of their answers nothing is kept. For one search.
 */
public final class Search {
    private static final int PARTS = 5; // of the time
    private static final int LOOKING = 4; // of them; sessions are made in the rest
    private static final int[] INTEGERS_BELOW = {100, 2}; // tables of most models, and of the rest

    private final Subject subject;
    private final Plan plan;
    private final Machine machine;
    private final InferencePath path;
    private final LongSupplier nanos;
    private final List<Row> rows = new ArrayList<>();
    private RunSettings best;

    /**
     * What the node may use.
     *
     * @param workers runs at once of all models
     * @param batchRows rows together, unless another number is found to be better
     * @param messageBytes of the largest request
     */
    public record Machine(int workers, int processors, int batchRows, int messageBytes) {}

    private Search(
            Subject subject, Plan plan, Machine machine, InferencePath path, LongSupplier nanos) {
        this.nanos = nanos;
        this.subject = subject;
        this.plan = plan;
        this.machine = machine;
        this.path = path;
        this.best = subject.model().settings();
    }

    /**
     * Searches; returns when it knows, or the plan's time or inferences are used up.
     *
     * @throws CutShortException before it had seen anything that can be compared
     */
    public static Outcome run(Subject subject, Plan plan, Machine machine)
            throws CutShortException, InterruptedException {
        return run(subject, plan, machine, System::nanoTime);
    }

    /**
     * @param nanos by which the plan's time is over
     */
    static Outcome run(Subject subject, Plan plan, Machine machine, LongSupplier nanos)
            throws CutShortException, InterruptedException {
        try (var path =
                new InferencePath(
                        ServedModels.only(subject.model()), Guard.OPEN, limits(plan, machine))) {
            return new Search(subject, plan, machine, path, nanos).outcome();
        }
    }

    /** Nobody waits here but this search's own callers, and that is what is looked at. */
    private static ServingLimits limits(Plan plan, Machine machine) {
        return new ServingLimits(
                machine.messageBytes(),
                machine.workers(),
                2 * plan.mostCallers(),
                Duration.ofDays(1),
                plan.time(),
                Long.MAX_VALUE,
                PeerLimits.STANDARD,
                Long.MAX_VALUE, // it is asked by nobody else
                1);
    }

    private Outcome outcome() throws CutShortException, InterruptedException {
        subject.model().proveRows(); // or the first answer's worker would, beside what is looked at
        try (Crowd crowd = crowd()) {
            Optional<String> cutShort = Optional.empty();
            try {
                lookAtAll(crowd);
            } catch (CutShortException e) {
                if (rows.isEmpty()) {
                    throw e;
                }
                cutShort = Optional.of(String.valueOf(e.getMessage()));
            }
            return new Outcome(rows, best, subject.model().batches(), crowd.taken(), cutShort);
        }
    }

    private void lookAtAll(Crowd crowd) throws CutShortException, InterruptedException {
        var threads =
                new Comparison(
                        Candidates.threads(
                                machine.workers(),
                                subject.mostThreads(machine.processors()),
                                machine.processors(),
                                machine.batchRows()),
                        plan.callers());
        List<Integer> several = plan.callers().stream().filter(callers -> callers > 1).toList();
        boolean batches = subject.model().batches() && !several.isEmpty();
        int mostRows = plan.mostCallers() * plan.rows();
        int later =
                batches ? new Comparison(Candidates.batches(best, mostRows), several).looks() : 0;
        Duration each = plan.time().multipliedBy(LOOKING).dividedBy(threads.looks() + later);
        long until = nanos.getAsLong() + plan.time().toNanos();
        BooleanSupplier timeIsUp = () -> nanos.getAsLong() - until > 0;
        compare(threads, crowd, each.dividedBy(PARTS), timeIsUp);
        if (batches) {
            var together = new Comparison(Candidates.batches(best, mostRows), several);
            compare(together, crowd, each.dividedBy(PARTS), timeIsUp);
        }
    }

    private void compare(
            Comparison comparison, Crowd crowd, Duration each, BooleanSupplier timeIsUp)
            throws CutShortException, InterruptedException {
        try {
            comparison.run(subject, crowd, each, timeIsUp);
        } finally {
            List<Row> seen = comparison.rows();
            rows.addAll(seen);
            if (!seen.isEmpty()) {
                best = Scores.best(seen);
            }
        }
    }

    /** Callers whose rows the model takes. */
    private Crowd crowd() throws CutShortException, InterruptedException {
        String refusal = "";
        for (int below : INTEGERS_BELOW) {
            List<Tensor> inputs =
                    new SampleRows(plan.rows(), plan.size(), below)
                            .of(subject.model().inputs(), new Random(1));
            var crowd =
                    new Crowd(
                            path,
                            RawRequest.of(subject.model().name(), inputs),
                            rows(inputs),
                            plan.inferences());
            try {
                crowd.askOnce();
                return crowd;
            } catch (RefusedException e) {
                crowd.close();
                refusal = e.reason() + ": " + e.getMessage();
            }
        }
        throw new CutShortException("the model takes no generated rows: " + refusal);
    }

    private static long rows(List<Tensor> inputs) {
        return inputs.stream()
                .filter(input -> !input.shape().isEmpty())
                .mapToLong(input -> input.shape().getFirst())
                .max()
                .orElse(1);
    }
}
