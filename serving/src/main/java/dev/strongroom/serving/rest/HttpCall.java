package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;

/** One inference over HTTP; what fails on the way of its answer is refused. */
abstract class HttpCall implements InferenceCall {
    final Exchange exchange;
    final UnreadAnswers unread;
    private final Caller caller;
    private final ModelInferRequest request;

    HttpCall(Exchange exchange, Caller caller, ModelInferRequest request, UnreadAnswers unread) {
        this.exchange = exchange;
        this.caller = caller;
        this.request = request;
        this.unread = unread;
    }

    /** Sends the answer, or what is left of it. */
    abstract void send(ModelInferResponse answer) throws RefusedException;

    @Override
    public final Caller caller() {
        return caller;
    }

    @Override
    public final ModelInferRequest request() {
        return request;
    }

    @Override
    public final boolean abandoned() {
        return exchange.abandoned();
    }

    @Override
    public final void answer(ModelInferResponse answer) {
        try {
            send(answer);
        } catch (RefusedException e) {
            refuse(e);
        } catch (RuntimeException | Error e) {
            refuse(RefusedException.unexpected(e));
        }
    }

    @Override
    public final void refuse(RefusedException refusal) {
        exchange.refuse(refusal);
    }
}
