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
    private final ModelInferRequest request;
    private final AnswerForm form;
    private final UnreadAnswers unread;

    /**
     * @param form of the answer
     */
    RestCall(
            Exchange exchange,
            Caller caller,
            ModelInferRequest request,
            AnswerForm form,
            UnreadAnswers unread) {
        this.exchange = exchange;
        this.caller = caller;
        this.request = request;
        this.form = form;
        this.unread = unread;
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
    public void answer(ModelInferResponse answer) {
        try {
            Reply reply = form.reply(answer);
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
