package dev.strongroom.serving.rpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends a unary call with an answer, a refusal, or a reference to the log. */
final class Replies {
    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    private Replies() {}

    @FunctionalInterface
    interface Call<T> {
        T run() throws RefusedException;
    }

    static <T> void send(StreamObserver<T> observer, T answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    static <T> void answer(StreamObserver<T> observer, Call<T> call) {
        T answer;
        try {
            answer = call.run();
        } catch (RefusedException e) {
            observer.onError(e.status());
            return;
        } catch (RuntimeException | Error e) {
            observer.onError(unexpected(e).status());
            return;
        }
        send(observer, answer);
    }

    /** The caller gets a reference; what happened stays in this node's log. */
    private static RefusedException unexpected(Throwable bug) {
        String reference = UUID.randomUUID().toString();
        LOG.error("rpc.failed reference={}", reference, bug);
        return new RefusedException(
                Status.Code.INTERNAL,
                "INTERNAL",
                "this node failed; its log has more under reference " + reference);
    }
}
