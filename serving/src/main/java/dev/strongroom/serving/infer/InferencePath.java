package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.Tensor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an inference, stage by stage: the model is found and the request compared with
 * it, the guard and the queue admit it or not, it waits for its turn, runs with others or alone,
 * the guard shapes the answer, and it is encoded for its caller.
 *
 * <p>Thread-safe. The owner closes it; calls under way end first.
 */
public final class InferencePath implements AutoCloseable {
    private static final long ANSWERS_IN_MEMORY = 4; // of the largest size; small ones many more

    private final ServedModels models;
    private final Guard guard;
    private final ServingLimits limits;
    private final Lanes lanes;
    private final OverdueRuns overdue;
    private final UnreadAnswers unread;
    private final Optional<Generations> generations;

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
        this.lanes = new Lanes(limits, this::work);
        this.overdue = OverdueRuns.watch(models);
        this.unread = new UnreadAnswers(ANSWERS_IN_MEMORY * limits.messageBytes());
        this.generations = room.map(each -> new Generations(guard, limits, each));
    }

    /** Takes a call; it is ended by this thread or another one, sooner or later. Never blocks. */
    public void infer(InferenceCall call) {
        try {
            ServedModels.Hold hold = hold(call.request());
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
            admit(fitting(call, hold));
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

    public ServedModels models() {
        return models;
    }

    /** Rows of several callers that may run as one. */
    public int batchRows() {
        return limits.batchRows();
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
        lanes.close();
        generations.ifPresent(Generations::close);
        overdue.close();
    }

    private ServedModels.Hold hold(ModelInferRequest request) throws RefusedException {
        return models.require(request.getModelName(), request.getModelVersion());
    }

    /** Has it wait for its turn, once the guard knows whether it may. */
    private void admit(Job job) throws RefusedException {
        Optional<CompletionStage<?>> unknown =
                guard.admit(job.call().caller(), job.model(), job.request());
        if (unknown.isEmpty()) {
            enqueue(job);
        } else {
            unknown.get().whenComplete((_, failure) -> admitLater(job, failure));
        }
    }

    private void admitLater(Job job, @Nullable Throwable failure) {
        try {
            if (failure != null) {
                throw failure;
            }
            admit(job);
        } catch (RefusedException e) {
            job.refuse(e);
        } catch (Throwable e) {
            job.refuse(RefusedException.unexpected(e));
        }
    }

    private Job fitting(InferenceCall call, ServedModels.Hold hold) throws RefusedException {
        ModelInferRequest request = call.request();
        ServedModel model = hold.model();
        var decoded = InferenceRequest.decode(request, model.inputs(), model.outputs());
        return new Job(call, hold, decoded, request.getSerializedSize(), System.nanoTime());
    }

    /** What is over before another thread would have begun does not wait for one. */
    private void enqueue(Job job) throws RefusedException {
        if (job.model().times().quick(job.request().bytes()) && lanes.empty()) {
            run(List.of(job));
        } else {
            lanes.add(job);
        }
    }

    /** By a worker, which has the time to find out what is to know about a model. */
    private void work(List<Job> batch) {
        run(batch);
        if (limits.batchRows() > 1) {
            batch.getFirst().model().proveRows();
        }
    }

    /** Ends every call of the batch. */
    private void run(List<Job> batch) {
        List<Job> live = live(batch);
        if (live.isEmpty()) {
            return;
        }
        ServedModel model = live.getFirst().model();
        try {
            List<List<Tensor>> answers = answers(model, live);
            for (int i = 0; i < live.size(); i++) {
                finish(live.get(i), answers.get(i));
            }
        } catch (RefusedException e) {
            oneByOne(live, e);
        } catch (RuntimeException | Error e) {
            RefusedException refusal = RefusedException.unexpected(e);
            live.forEach(job -> job.refuse(refusal));
        }
    }

    /** Those that somebody still waits for, in time and under a lease. */
    private List<Job> live(List<Job> batch) {
        long now = System.nanoTime();
        var live = new ArrayList<Job>(batch.size());
        for (Job job : batch) {
            Duration waited = Duration.ofNanos(now - job.arrivedNanos());
            if (job.call().abandoned()) {
                job.drop();
                continue;
            }
            try {
                requireInTime(waited);
                requireOpen(job.model().admission().take());
                live.add(job);
            } catch (RefusedException e) {
                job.refuse(e);
            } catch (RuntimeException | Error e) {
                job.refuse(RefusedException.unexpected(e));
            }
        }
        return live;
    }

    private void requireInTime(Duration waited) throws RefusedException {
        if (waited.compareTo(limits.patience()) > 0) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "no worker was free within %d ms; try again later"
                            .formatted(limits.patience().toMillis()),
                    limits.patience());
        }
    }

    /** What one caller sent is not the others' fault. */
    private void oneByOne(List<Job> jobs, RefusedException refusal) {
        if (jobs.size() == 1) {
            jobs.getFirst().refuse(refusal);
            return;
        }
        for (Job job : jobs) {
            try {
                finish(job, answers(job.model(), List.of(job)).getFirst());
            } catch (RefusedException e) {
                job.refuse(e);
            } catch (RuntimeException | Error e) {
                job.refuse(RefusedException.unexpected(e));
            }
        }
    }

    private List<List<Tensor>> answers(ServedModel model, List<Job> jobs) throws RefusedException {
        long begun = System.nanoTime();
        long until = begun + limits.run().toNanos();
        try {
            return model.engine()
                    .run(
                            jobs.stream().map(job -> job.request().inputs()).toList(),
                            model.engine().computed(jobs.getFirst().request().outputs()),
                            () -> System.nanoTime() - until > 0 || nobodyWaits(jobs));
        } catch (InferenceException e) {
            requireOpen(model.admission().interruption());
            throw refusal(e, limits);
        } finally {
            count(model, jobs, begun, System.nanoTime());
        }
    }

    private static void count(ServedModel model, List<Job> jobs, long begun, long ended) {
        long rows = 0;
        for (Job job : jobs) {
            rows += job.request().rows();
            model.statistics().waited(begun - job.arrivedNanos());
        }
        model.statistics().ran(jobs.size(), rows, ended - begun);
        if (jobs.size() == 1) {
            model.times().add(jobs.getFirst().request().bytes(), ended - begun);
        }
    }

    private static boolean nobodyWaits(List<Job> jobs) {
        return jobs.stream().allMatch(job -> job.call().abandoned());
    }

    private void finish(Job job, List<Tensor> answer) {
        ModelInferResponse encoded;
        try {
            requireOpen(job.model().admission().interruption());
            Guard.Shaped guarded = shape(job, answer);
            List<Tensor> shaped = wanted(job, guarded.answer());
            encoded =
                    InferenceAnswer.encode(
                            job.model(),
                            job.call().request().getId(),
                            job.request(),
                            shaped,
                            limits.messageBytes());
            encoded = TicketParameter.with(encoded, guarded.ticket());
            if (ReceiptParameter.asked(job.call().request())) {
                sign(job, shaped, guarded.policy(), encoded);
                return;
            }
        } catch (RefusedException e) {
            job.refuse(e);
            return;
        } catch (RuntimeException | Error e) {
            job.refuse(RefusedException.unexpected(e));
            return;
        }
        job.answer(encoded);
    }

    /** The guard's time is the caller's thread's as the run's is. */
    private Guard.Shaped shape(Job job, List<Tensor> answer) throws RefusedException {
        long begun = System.nanoTime();
        Guard.Shaped shaped = guard.shape(job.call().caller(), job.model(), job.request(), answer);
        job.model().times().guarded(job.request().bytes(), System.nanoTime() - begun);
        return shaped;
    }

    /** What was computed for the guard alone ends here, whatever the guard did with it. */
    private static List<Tensor> wanted(Job job, List<Tensor> answer) {
        return answer.stream()
                .filter(tensor -> job.request().outputs().contains(tensor.name()))
                .toList();
    }

    /** Answers once the receipt is signed. */
    private static void sign(
            Job job, List<Tensor> shaped, Optional<Digest> policy, ModelInferResponse encoded)
            throws RefusedException {
        String id = job.call().request().getId();
        Digest shapedBy = policy.orElseThrow(ReceiptDesk::unavailable);
        job.model()
                .receipts()
                .issue(
                        ReceiptParameter.request(job.model(), id, job.request()),
                        ReceiptParameter.response(job.model(), id, shaped),
                        shapedBy)
                .whenComplete((receipt, failure) -> {
                    if (failure == null) {
                        job.answer(ReceiptParameter.with(encoded, receipt));
                    } else {
                        job.refuse(RefusedException.unexpected(failure));
                    }
                });
    }

    static void requireOpen(Optional<Admission.Refusal> ended) throws RefusedException {
        if (ended.isPresent()) {
            var refusal = ended.get();
            throw new RefusedException(
                    Status.Code.UNAVAILABLE, refusal.reason(), refusal.message());
        }
    }

    static RefusedException refusal(InferenceException e, ServingLimits limits) {
        String message = String.valueOf(e.getMessage());
        return switch (e.fault()) {
            case INPUT -> RefusedException.invalid("INPUT_REFUSED", message);
            case CLOSED -> new RefusedException(Status.Code.UNAVAILABLE, "CLOSED", message);
            case STOPPED ->
                    new RefusedException(
                            Status.Code.DEADLINE_EXCEEDED,
                            "RUN_TOO_LONG",
                            message
                                    + "; inferences may run for %d ms here"
                                            .formatted(limits.run().toMillis()));
            case ENGINE -> new RefusedException(Status.Code.INTERNAL, "INFERENCE_FAILED", message);
        };
    }
}
