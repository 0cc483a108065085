package dev.strongroom.serving.infer;

import dev.strongroom.serving.generate.Sequence;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All sequences of a node that are generated now, and the workers that take them on: one step of
 * each in turn, so that nobody's sequence is slower than another that runs beside it.
 *
 * <p>Thread-safe. The owner closes it; sequences under way end first, for a while.
 */
final class Generations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);
    private static final int REQUEST_BYTES = 64 << 10; // beside the prompt
    private static final int TOKEN_BYTES = 10; // of the longest form of an integer
    private static final Duration DRAIN = Duration.ofSeconds(30);

    private final Guard guard;
    private final ServingLimits limits;
    private final GenerationRoom room;
    private final Set<Generation> open = ConcurrentHashMap.newKeySet();
    private final SequenceShares shares;
    private final ExecutorService workers;
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("generation-timer").daemon().factory());
    private boolean closed; // guarded by this

    /**
     * @param requests bytes of all requests that this node keeps
     */
    Generations(Guard guard, ServingLimits limits, GenerationRoom room, Shares requests) {
        this.guard = guard;
        this.limits = limits;
        this.room = room;
        this.shares = new SequenceShares(room.limits(), limits.tenants(), requests);
        this.workers =
                Executors.newFixedThreadPool( // its queue is first in, first out
                        limits.workers(), Thread.ofPlatform().name("generation-", 0).factory());
    }

    /** Takes a call for a model that generates; its hold is this one's from then on. */
    void begin(InferenceCall call, ServedModels.Hold hold, Generative model)
            throws RefusedException {
        requireShort(call);
        long size = RequestSize.held(call.request());
        var request =
                GenerationRequest.decode(call.request(), model, room.limits().contextTokens());
        if (call.streams() && ReceiptParameter.asked(call.request())) {
            throw new RefusedException(
                    Status.Code.UNIMPLEMENTED,
                    "RECEIPT_OF_STREAM",
                    "receipts are for whole answers; ask for this one with ModelInfer");
        }
        requireShown(call, hold.model(), request);
        long cache = Sequence.bytes(model.decoder(), request.prompt().length, request.stop());
        var part = new SequenceShares.Part(call.caller().identity(), cache, size);
        shares.requireFits(part);
        var generation = new Generation(call, hold, model, request, part, guard, limits, room);
        synchronized (this) {
            if (closed) {
                throw RefusedException.draining();
            }
            shares.take(part);
            open.add(generation);
        }
        turn(generation);
    }

    private void requireShown(InferenceCall call, ServedModel model, GenerationRequest request)
            throws RefusedException {
        TokenTerms terms = guard.terms(call.caller(), model);
        if (request.alternatives() > 0 && terms.alternatives() == 0) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "OUTPUT_WITHHELD",
                    "the model's output policy shows this caller no log-probabilities; leave"
                            + " parameter logprobs out");
        }
    }

    /** A prompt and some parameters are little; what is more would be kept till the end. */
    private void requireShort(InferenceCall call) throws RefusedException {
        int size = call.request().getSerializedSize();
        long most = REQUEST_BYTES + (long) TOKEN_BYTES * room.limits().contextTokens();
        if (size > most) {
            throw RefusedException.invalid(
                    "REQUEST_TOO_LARGE",
                    "a request to generate: expected at most %d bytes, got %d; leave out what no"
                                    .formatted(most, size)
                            + " sequence needs");
        }
    }

    private void turn(Generation generation) {
        try {
            workers.execute(() -> take(generation));
        } catch (RejectedExecutionException closing) {
            end(generation, RefusedException.draining());
        } catch (Error e) { // no memory for a place in line: it would never have another turn
            end(generation, e);
        }
    }

    /** By a worker. */
    private void take(Generation generation) {
        try {
            switch (generation.turn()) {
                case Turn.Again() -> turn(generation);
                case Turn.Wait(var unknown) ->
                        unknown.whenComplete((_, failure) -> goOn(generation, failure));
                case Turn.Pause(var time) -> later(generation, time);
                case Turn.Over() -> ended(generation);
            }
        } catch (RuntimeException | Error e) { // of a transport that is gone, or a timer that is
            Lasting.tell(LOG, "generation.worker", e);
            end(generation, e);
        }
    }

    private void later(Generation generation, Duration time) {
        var _ = timer.schedule(() -> turn(generation), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void goOn(Generation generation, @Nullable Throwable failure) {
        if (failure == null) {
            turn(generation);
        } else {
            Throwable cause = failure.getCause();
            end(
                    generation,
                    failure instanceof CompletionException && cause != null ? cause : failure);
        }
    }

    private void end(Generation generation, Throwable why) {
        try {
            generation.fail(why);
        } finally {
            ended(generation);
        }
    }

    /** Ends what nobody waits for. */
    void look() {
        for (Generation generation : open) {
            Lasting.look(LOG, "generation.not_ended", () -> look(generation)).run();
        }
    }

    private void look(Generation generation) {
        if (generation.endIfPointless()) {
            ended(generation);
        }
    }

    private synchronized void ended(Generation generation) {
        if (open.remove(generation)) {
            shares.give(generation.part());
        }
        notifyAll();
    }

    private synchronized void awaitEnds() {
        long until = System.nanoTime() + DRAIN.toNanos();
        try {
            while (!open.isEmpty() && System.nanoTime() - until < 0) {
                TimeUnit.NANOSECONDS.timedWait(this, until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        awaitEnds();
        open.forEach(generation -> end(generation, RefusedException.draining()));
        timer.shutdownNow();
        workers.shutdown();
    }
}
