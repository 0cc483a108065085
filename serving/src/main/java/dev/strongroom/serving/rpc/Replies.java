package dev.strongroom.serving.rpc;

import dev.strongroom.serving.infer.RefusedException;
import io.grpc.stub.StreamObserver;

/** Ends a unary call with an answer, a refusal, or a reference to the log. */
final class Replies {
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
            observer.onError(RefusedException.unexpected(e).status());
            return;
        }
        send(observer, answer);
    }
}
