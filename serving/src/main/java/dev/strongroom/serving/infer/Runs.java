package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.Tensor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs models for calls whose turn it is, has the guard shape what they gave, and ends each call.
 *
 * <p>Thread-safe.
 */
final class Runs {
    /** The longest that a thread of the transport runs a model, whose other callers wait. */
    private static final Duration AT_ONCE = Duration.ofMillis(5);

    private final Guard guard;
    private final ServingLimits limits;

    Runs(Guard guard, ServingLimits limits) {
        this.guard = guard;
        this.limits = limits;
    }

    /** Ends every call of the batch. */
    void run(List<Job> batch) {
        List<Job> live = live(batch);
        if (live.isEmpty()) {
            return;
        }
        ServedModel model = live.getFirst().model();
        try {
            finish(live, answers(model, live));
        } catch (RefusedException e) {
            oneByOne(live, e);
        } catch (RuntimeException | Error e) {
            RefusedException refusal = RefusedException.unexpected(e);
            live.forEach(job -> job.refuse(refusal));
        }
    }

    /**
     * Ends the calls, unless their run takes longer than a thread of the transport has.
     *
     * @param owing may run together
     * @param later takes each of them then
     */
    void runAtOnce(List<Job> owing, Consumer<Job> later) {
        List<Job> live = live(owing);
        if (live.isEmpty()) {
            return;
        }
        Job first = live.getFirst();
        long begun = System.nanoTime();
        try {
            List<List<Tensor>> answers = computed(first.model(), live, AT_ONCE);
            if (live.size() > 1) { // what one of them costs others of this thread
                long each = (System.nanoTime() - begun) / live.size();
                first.model().times().add(first.request().bytes(), each);
            }
            finish(live, answers);
        } catch (InferenceException e) {
            notAtOnce(live, e, later);
        } catch (RuntimeException | Error e) {
            RefusedException refusal = RefusedException.unexpected(e);
            live.forEach(job -> job.refuse(refusal));
        }
    }

    private void notAtOnce(List<Job> jobs, InferenceException e, Consumer<Job> later) {
        if (e.fault() == InferenceException.Fault.STOPPED) {
            for (Job job : jobs) {
                if (job.call().abandoned()) {
                    job.refuse(refusal(job.model(), e));
                } else {
                    job.model().times().slow(job.request().bytes());
                    later.accept(job);
                }
            }
        } else if (jobs.size() == 1) {
            jobs.getFirst().refuse(refusal(jobs.getFirst().model(), e));
        } else { // what one caller sent is not the others' fault
            jobs.forEach(job -> runAtOnce(List.of(job), later));
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
                requireOpen(
                        switch (job.lease()) {
                            case OWED -> job.model().admission().take();
                            case TAKEN -> job.model().admission().interruption();
                        });
                live.add(job.taken());
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
        try {
            return computed(model, jobs, limits.run());
        } catch (InferenceException e) {
            throw refusal(model, e);
        }
    }

    private List<List<Tensor>> computed(ServedModel model, List<Job> jobs, Duration atMost)
            throws InferenceException {
        long begun = System.nanoTime();
        long until = begun + atMost.toNanos();
        try {
            return model.engine()
                    .run(
                            inputs(jobs),
                            model.engine().computed(jobs.getFirst().request().outputs()),
                            () -> System.nanoTime() - until > 0 || nobodyWaits(jobs));
        } finally {
            count(model, jobs, begun, System.nanoTime());
        }
    }

    private static List<List<Tensor>> inputs(List<Job> jobs) {
        var inputs = new ArrayList<List<Tensor>>(jobs.size());
        jobs.forEach(job -> inputs.add(job.request().inputs()));
        return inputs;
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

    private void finish(List<Job> jobs, List<List<Tensor>> answers) {
        for (int i = 0; i < jobs.size(); i++) {
            finish(jobs.get(i), answers.get(i));
        }
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
        var wanted = new ArrayList<>(answer);
        wanted.removeIf(tensor -> !job.request().outputs().contains(tensor.name()));
        return wanted;
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
            throw unavailable(ended.get());
        }
    }

    private static RefusedException unavailable(Admission.Refusal ended) {
        return new RefusedException(Status.Code.UNAVAILABLE, ended.reason(), ended.message());
    }

    /** What ended with the lease is not the input's fault. */
    private RefusedException refusal(ServedModel model, InferenceException e) {
        return model.admission()
                .interruption()
                .map(Runs::unavailable)
                .orElseGet(() -> refusal(e, limits));
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
