package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;

/** One inference over HTTP that is answered as a whole. */
final class RestCall extends HttpCall {
    private final AnswerForm form;

    /**
     * @param form of the answer
     */
    RestCall(
            Exchange exchange,
            Caller caller,
            ModelInferRequest request,
            AnswerForm form,
            UnreadAnswers unread) {
        super(exchange, caller, request, unread);
        this.form = form;
    }

    @Override
    void send(ModelInferResponse answer) throws RefusedException {
        Reply reply = form.reply(answer);
        long bytes = reply.body().length;
        unread.take(caller(), bytes);
        exchange.hold(() -> unread.give(caller(), bytes));
        exchange.send(reply);
    }
}
