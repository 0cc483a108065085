package dev.strongroom.serving.rpc;

import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

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

    /** Ends a call with a refusal. */
    static void close(ServerCall<?, ?> call, RefusedException refusal) {
        StatusRuntimeException status = refusal.status();
        call.close(
                status.getStatus(),
                Optional.ofNullable(status.getTrailers()).orElseGet(Metadata::new));
    }
}
