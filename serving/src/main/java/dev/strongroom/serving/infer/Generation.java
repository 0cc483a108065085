package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.generate.Finish;
import dev.strongroom.serving.generate.Sequence;
import dev.strongroom.serving.generate.Token;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One call that a sequence is generated for. Every step, whether it reads a part of the prompt or
 * generates a token, is admitted by the guard and taken from the lease before it is computed.
 * However it ends, its memory is overwritten first and its call hears of it then.
 *
 * <p>Thread-safe: one step runs at a time.
 */
final class Generation {
    private static final String OVER_RATE = "RATE_LIMITED";
    private static final Duration UNREAD = Duration.ofMillis(20); // until it is looked again

    private final InferenceCall call;
    private final ServedModels.Hold hold;
    private final Generative model;
    private final GenerationRequest request;
    private final SequenceShares.Part part;
    private final Guard guard;
    private final ServingLimits limits;
    private final GenerationRoom room;
    private final SequenceAnswers answers;
    private final long arrived = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Token> tokens = new ArrayList<>(); // of a call that takes them at the end
    private @Nullable Sequence sequence;
    private boolean admitted;
    private boolean begun;
    private volatile boolean over; // written under the lock

    Generation(
            InferenceCall call,
            ServedModels.Hold hold,
            Generative model,
            GenerationRequest request,
            SequenceShares.Part part,
            Guard guard,
            ServingLimits limits,
            GenerationRoom room) {
        this.call = call;
        this.hold = hold;
        this.model = model;
        this.request = request;
        this.part = part;
        this.guard = guard;
        this.limits = limits;
        this.room = room;
        this.answers =
                new SequenceAnswers(
                        hold.model(),
                        call.request().getId(),
                        request.decoded(),
                        limits.messageBytes());
    }

    /** What it takes until it is over. */
    SequenceShares.Part part() {
        return part;
    }

    /** Goes on for one step. */
    Turn turn() {
        lock.lock();
        try {
            return over ? new Turn.Over() : go();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends it unless a step is under way, when nobody waits for it, or its lease or time is up.
     *
     * @return true if it is over and its caller has been told
     */
    boolean endIfPointless() {
        if (!lock.tryLock()) {
            return false; // the step looks itself
        }
        try {
            endWithoutPoint();
            return over;
        } finally {
            lock.unlock();
        }
    }

    private void endWithoutPoint() {
        try {
            if (!over) {
                requirePoint();
            }
        } catch (RefusedException e) {
            refuse(e);
        }
    }

    /** Ends it. */
    void fail(Throwable failure) {
        lock.lock();
        try {
            refuse(
                    failure instanceof RefusedException refusal
                            ? refusal
                            : RefusedException.unexpected(failure));
        } finally {
            lock.unlock();
        }
    }

    private Turn go() {
        try {
            requirePoint();
            if (over) {
                return new Turn.Over();
            }
            if (!call.takesMore()) {
                return new Turn.Pause(UNREAD);
            }
            return admitted ? step() : admit();
        } catch (RefusedException e) {
            Optional<Duration> pause = pause(e);
            if (pause.isPresent()) {
                return new Turn.Pause(pause.get());
            }
            refuse(e);
        } catch (InferenceException e) {
            stopped(e);
        } catch (RuntimeException | Error e) {
            refuse(RefusedException.unexpected(e));
        }
        return new Turn.Over();
    }

    private void requirePoint() throws RefusedException {
        if (call.abandoned()) {
            end();
            return;
        }
        requireOpen(hold.model().admission().interruption());
        if (tooLong()) {
            throw tookTooLong();
        }
    }

    private Turn admit() throws RefusedException, InferenceException {
        Optional<CompletionStage<?>> unknown = guard.admitToken(call.caller(), hold.model());
        if (unknown.isPresent()) {
            return new Turn.Wait(unknown.get());
        }
        requireOpen(hold.model().admission().take());
        admitted = true;
        return step();
    }

    private Turn step() throws RefusedException, InferenceException {
        TokenTerms terms = guard.terms(call.caller(), hold.model());
        long from = System.nanoTime();
        long until = from + limits.run().toNanos();
        Optional<Token> token =
                sequence()
                        .step(
                                Math.min(request.alternatives(), terms.alternatives()),
                                terms.digits(),
                                () ->
                                        call.abandoned()
                                                || tooLong()
                                                || System.nanoTime() - until > 0);
        admitted = false;
        begun = true;
        if (token.isEmpty()) {
            return new Turn.Again();
        }
        hold.model().statistics().ran(1, 1, System.nanoTime() - from);
        requireOpen(hold.model().admission().interruption());
        return say(token.get(), terms);
    }

    private Sequence sequence() throws RefusedException {
        if (sequence == null) {
            sequence = room.begin(hold.model(), model, request);
        }
        return sequence;
    }

    private Turn say(Token token, TokenTerms terms) throws RefusedException {
        if (!call.streams()) {
            tokens.add(token);
            if (token.finish().isPresent()) {
                answerAll(token.finish().get(), terms);
            }
        } else if (token.finish().isEmpty()) {
            call.part(answers.part(token));
        } else if (request.emptyLast()) {
            call.part(answers.part(token));
            answer(answers.last(List.of(), token.finish().get(), terms));
        } else {
            answer(answers.last(List.of(token), token.finish().get(), terms));
        }
        return over ? new Turn.Over() : new Turn.Again();
    }

    private void answerAll(Finish finish, TokenTerms terms) throws RefusedException {
        ModelInferResponse answer = answers.last(tokens, finish, terms);
        if (!ReceiptParameter.asked(call.request())) {
            answer(answer);
            return;
        }
        CompletionStage<byte[]> receipt = answers.receipt(tokens, terms);
        free();
        var _ =
                receipt.whenComplete((signed, failure) -> {
                    if (failure == null) {
                        answered(ReceiptParameter.with(answer, signed));
                    } else {
                        refused(RefusedException.unexpected(failure));
                    }
                });
    }

    /** A sequence under way that is over a rate goes on slower; one that begins is refused. */
    private Optional<Duration> pause(RefusedException refusal) {
        return refusal.retryAfter()
                .filter(time ->
                        begun
                                && refusal.reason().equals(OVER_RATE)
                                && time.compareTo(limits.patience()) <= 0);
    }

    private void stopped(InferenceException e) {
        if (call.abandoned()) {
            end();
            return;
        }
        try {
            requireOpen(hold.model().admission().interruption());
            throw tooLong() ? tookTooLong() : Runs.refusal(e, limits);
        } catch (RefusedException refusal) {
            refuse(refusal);
        }
    }

    private boolean tooLong() {
        return System.nanoTime() - arrived > room.limits().longest().toNanos();
    }

    private RefusedException tookTooLong() {
        return new RefusedException(
                Status.Code.DEADLINE_EXCEEDED,
                "GENERATION_TOO_LONG",
                "a sequence may take %d s here; ask for fewer tokens at once"
                        .formatted(room.limits().longest().toSeconds()));
    }

    private static void requireOpen(Optional<Admission.Refusal> ended) throws RefusedException {
        Runs.requireOpen(ended);
    }

    private void answer(ModelInferResponse answer) {
        free();
        answered(answer);
    }

    private void refuse(RefusedException refusal) {
        if (!over) {
            free();
            refused(refusal);
        }
    }

    /** Of a caller who has gone. */
    private void end() {
        free();
        hold.close();
    }

    private void free() {
        over = true;
        if (sequence != null) {
            sequence.close();
        }
    }

    private void answered(ModelInferResponse answer) {
        hold.model().statistics().answered(System.nanoTime() - arrived);
        hold.close();
        call.answer(answer);
    }

    private void refused(RefusedException refusal) {
        hold.model().statistics().refused(System.nanoTime() - arrived);
        hold.close();
        call.refuse(refusal);
    }
}
