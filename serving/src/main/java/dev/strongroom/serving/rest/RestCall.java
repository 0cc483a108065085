package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;

/** One inference over HTTP. */
final class RestCall implements InferenceCall {
    private final Exchange exchange;
    private final Caller caller;
    private final RestRequest request;
    private final UnreadAnswers unread;
    private final int maxBytes;

    /**
     * @param maxBytes of JSON in the answer
     */
    RestCall(
            Exchange exchange,
            Caller caller,
            RestRequest request,
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
        return request.request();
    }

    @Override
    public boolean abandoned() {
        return exchange.abandoned();
    }

    @Override
    public void answer(ModelInferResponse answer) {
        try {
            Reply reply = AnswerWriter.write(answer, request.forms(), maxBytes);
            long bytes = reply.body().length;
            unread.take(caller, bytes);
            exchange.hold(() -> unread.give(caller, bytes));
            exchange.send(reply);
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
