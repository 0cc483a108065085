package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One inference over HTTP whose answer comes as server-sent events, one for each part. What is made
 * of it waits for a caller who does not read, and ends with one who goes.
 */
final class EventCall extends HttpCall {
    private static final int UNREAD_PARTS = 32; // more are not made

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
        super(exchange, caller, request, unread);
        this.maxBytes = maxBytes;
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
        unread.take(caller(), json.length);
        waiting.incrementAndGet();
        exchange.event(
                json,
                () -> {
                    waiting.decrementAndGet();
                    unread.give(caller(), json.length);
                });
    }

    @Override
    void send(ModelInferResponse last) throws RefusedException {
        part(last);
        exchange.endEvents();
    }
}
