package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One inference over HTTP whose answer comes as server-sent events, one for each part. What is made
 * of it waits for a caller who does not read, and ends with one who goes.
 */
final class EventCall implements InferenceCall {
    private static final int UNREAD_PARTS = 32; // more are not made

    private final Exchange exchange;
    private final Caller caller;
    private final ModelInferRequest request;
    private final UnreadAnswers unread;
    private final int maxBytes;
    private final AtomicInteger waiting = new AtomicInteger(); // parts

    /**
     * @param maxBytes of JSON in one event
     */
    EventCall(
            Exchange exchange,
            Caller caller,
            ModelInferRequest request,
            UnreadAnswers unread,
            int maxBytes) {
        this.exchange = exchange;
        this.caller = caller;
        this.request = request;
        this.unread = unread;
        this.maxBytes = maxBytes;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public ModelInferRequest request() {
        return request;
    }

    @Override
    public boolean abandoned() {
        return exchange.abandoned();
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public boolean takesMore() {
        return waiting.get() < UNREAD_PARTS;
    }

    @Override
    public void part(ModelInferResponse part) throws RefusedException {
        byte[] json = FlatAnswer.json(part, maxBytes);
        unread.take(caller, json.length);
        waiting.incrementAndGet();
        exchange.event(
                json,
                () -> {
                    waiting.decrementAndGet();
                    unread.give(caller, json.length);
                });
    }

    @Override
    public void answer(ModelInferResponse last) {
        try {
            part(last);
            exchange.endEvents();
        } catch (RefusedException e) {
            refuse(e);
        } catch (RuntimeException | Error e) {
            refuse(RefusedException.unexpected(e));
        }
    }

    @Override
    public void refuse(RefusedException refusal) {
        exchange.refuse(refusal);
    }
}
