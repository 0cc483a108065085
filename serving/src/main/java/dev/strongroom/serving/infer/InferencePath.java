package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.generate.GenerationLimits;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * What becomes of an inference, stage by stage: the model is found and the request compared with
 * it, the guard and the queue admit it or not, it waits for its turn, runs with others or alone,
 * the guard shapes the answer, and it is encoded for its caller.
 *
 * <p>Thread-safe. The owner closes it; calls under way end first.
 */
public final class InferencePath implements AutoCloseable {
    private final ServedModels models;
    private final Guard guard;
    private final ServingLimits limits;
    private final Shares requests; // bytes
    private final Runs runs;
    private final Lanes lanes;
    private final Undecided undecided;
    private final OverdueRuns overdue;
    private final UnreadAnswers unread;
    private final Optional<Generations> generations;
    private final Semaphore atOnce;
    private final ThreadLocal<Gathering> gathering;
    private final int promptTokens;

    /** One that generates no sequences. */
    public InferencePath(ServedModels models, Guard guard, ServingLimits limits) {
        this(models, guard, limits, Optional.empty());
    }

    /**
     * @param room of the sequences that it generates; outlives this
     */
    public InferencePath(
            ServedModels models, Guard guard, ServingLimits limits, GenerationRoom room) {
        this(models, guard, limits, Optional.of(room));
    }

    private InferencePath(
            ServedModels models, Guard guard, ServingLimits limits, Optional<GenerationRoom> room) {
        this.models = models;
        this.guard = guard;
        this.limits = limits;
        this.runs = new Runs(guard, limits);
        this.requests = limits.account();
        this.lanes = new Lanes(limits, requests, this::work);
        this.undecided = new Undecided(limits.patience(), new Ends());
        this.overdue = OverdueRuns.watch(models);
        this.unread = new UnreadAnswers(limits.account());
        this.generations = room.map(each -> new Generations(guard, limits, each, requests));
        this.atOnce = new Semaphore(limits.workers());
        this.gathering = ThreadLocal.withInitial(() -> new Gathering(this::runAtOnce));
        this.promptTokens =
                room.map(GenerationRoom::limits).orElse(GenerationLimits.STANDARD).contextTokens();
        overdue.also(undecided::look);
        generations.ifPresent(each -> overdue.also(each::look));
    }

    /** Takes a call; it is ended by this thread or another one, sooner or later. Never blocks. */
    public void infer(InferenceCall call) {
        try {
            ServedModels.Hold hold = hold(call);
            try {
                begin(call, hold);
            } catch (RefusedException | RuntimeException | Error e) {
                hold.close();
                throw e;
            }
        } catch (RefusedException e) {
            call.refuse(e);
        } catch (RuntimeException | Error e) {
            call.refuse(RefusedException.unexpected(e));
        }
    }

    private void begin(InferenceCall call, ServedModels.Hold hold) throws RefusedException {
        Optional<Generative> generative = hold.model().generative();
        if (generative.isEmpty()) {
            Job job = fitting(call, hold);
            lanes.reserve(job);
            admit(job); // which ends it, whatever happens
        } else {
            generations
                    .orElseThrow(InferencePath::generatesNothing)
                    .begin(call, hold, generative.get());
        }
    }

    private static RefusedException generatesNothing() {
        return new RefusedException(
                Status.Code.UNIMPLEMENTED,
                "GENERATION_UNAVAILABLE",
                "this server generates no sequences; ask a node that does");
    }

    /** Those that there are for a caller. */
    public ServedModels models(Caller caller) {
        return models.seenBy(caller);
    }

    /** The most that the elements of a request may take. */
    public int messageBytes() {
        return limits.messageBytes();
    }

    /** No prompt for any model of this node is longer. */
    public int promptTokens() {
        return promptTokens;
    }

    /** Answers that wait for callers to read them, over whichever transport. */
    public UnreadAnswers unread() {
        return unread;
    }

    /** False once it takes no more calls. */
    public boolean open() {
        return !lanes.isClosed();
    }

    /** Refuses new calls and waits for those that were admitted. */
    @Override
    public void close() {
        undecided.close();
        lanes.close();
        generations.ifPresent(Generations::close);
        overdue.close();
    }

    private ServedModels.Hold hold(InferenceCall call) throws RefusedException {
        ModelInferRequest request = call.request();
        return models(call.caller())
                .requireFor(call.caller(), request.getModelName(), request.getModelVersion());
    }

    /** Has it wait for its turn, once the guard knows whether it may. */
    private void admit(Job job) {
        Optional<CompletionStage<?>> unknown;
        try {
            unknown = guard.admit(job.call().caller(), job.model(), job.request());
        } catch (RefusedException e) {
            turnAway(job, e);
            return;
        } catch (RuntimeException | Error e) {
            turnAway(job, RefusedException.unexpected(e));
            return;
        }
        if (unknown.isPresent()) {
            undecided.add(job, unknown.get());
        } else {
            enqueue(job);
        }
    }

    private void turnAway(Job job, RefusedException refusal) {
        lanes.giveBack(job);
        job.refuse(refusal);
    }

    /** What becomes of jobs that the guard had to ask about. */
    private final class Ends implements Undecided.Ends {
        @Override
        public void ask(Job job) {
            admit(job);
        }

        @Override
        public void refuse(Job job, RefusedException refusal) {
            turnAway(job, refusal);
        }

        @Override
        public void drop(Job job) {
            lanes.giveBack(job);
            job.drop();
        }
    }

    private Job fitting(InferenceCall call, ServedModels.Hold hold) throws RefusedException {
        ModelInferRequest request = call.request();
        ServedModel model = hold.model();
        long held = RequestSize.held(request);
        RequestSize.require(held, requests.share());
        var decoded =
                InferenceRequest.decode(
                        request, model.inputs(), model.outputs(), limits.workingBytes());
        return new Job(call, hold, decoded, held, System.nanoTime(), Job.Lease.OWED);
    }

    /** What is over before another thread would have begun does not wait for one. */
    private void enqueue(Job job) {
        if (isQuick(job) && lanes.passes()) {
            gathering.get().add(job);
        } else {
            queue(job);
        }
    }

    private void runAtOnce(List<Job> batch) {
        if (!atOnce.tryAcquire()) {
            batch.forEach(this::comeBack);
            return;
        }
        var slow = new ArrayList<Job>(0);
        try {
            runs.runAtOnce(batch, slow::add);
        } finally {
            atOnce.release();
            lanes.passed(without(batch, slow));
            slow.forEach(this::comeBack);
        }
    }

    private static List<Job> without(List<Job> jobs, List<Job> others) {
        if (others.isEmpty()) {
            return jobs;
        }
        var rest = new ArrayList<>(jobs);
        rest.removeIf(job -> others.stream().anyMatch(other -> other.call().equals(job.call())));
        return rest;
    }

    private void queue(Job job) {
        try {
            lanes.add(job);
        } catch (RefusedException e) {
            job.refuse(e);
        }
    }

    private boolean isQuick(Job job) {
        return job.request().rows() <= job.model().settings().batchRows()
                && job.model().times().quick(job.request().bytes());
    }

    /** Of one that turned out to take its time, or found all places to run at once taken. */
    private void comeBack(Job job) {
        try {
            lanes.comeBack(job);
        } catch (RefusedException e) {
            job.refuse(e);
        }
    }

    /** By a worker, which has the time to find out what is to know about a model. */
    private void work(List<Job> batch) {
        ServedModel model = batch.getFirst().model();
        runs.run(batch);
        if (model.settings().batchRows() > 1 && !model.knowsRows()) {
            models.hold(model.name(), model.version()).ifPresent(InferencePath::proveRows);
        }
    }

    private static void proveRows(ServedModels.Hold hold) {
        try (hold) {
            hold.model().proveRows();
        }
    }
}
