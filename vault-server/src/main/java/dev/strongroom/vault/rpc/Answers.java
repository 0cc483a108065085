package dev.strongroom.vault.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends calls in one way: with an answer, or with the exception that {@link ErrorInterceptor} turns
 * into a status.
 */
final class Answers {
    /** Work that ends in one answer. */
    @FunctionalInterface
    interface Work<A> {
        A answer() throws Exception;
    }

    /** Answers one after another, made only when the caller has room for them. */
    interface Source<A> extends AutoCloseable {
        Optional<A> next() throws Exception;

        @Override
        void close() throws IOException;
    }

    private Answers() {}

    static <A> void one(StreamObserver<A> observer, Work<A> work) {
        A answer;
        try {
            answer = work.answer();
        } catch (Exception e) {
            observer.onError(e);
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    /** Sends until the source has no more; closes it however the call ends. */
    static <A> void stream(StreamObserver<A> observer, Work<Source<A>> opening) {
        var call = (ServerCallStreamObserver<A>) observer;
        Source<A> source;
        try {
            source = opening.answer();
        } catch (Exception e) {
            observer.onError(e);
            return;
        }
        var ended = new AtomicBoolean();
        call.setOnCancelHandler(() -> end(source, ended));
        call.setOnReadyHandler(() -> send(call, source, ended));
    }

    private static <A> void send(
            ServerCallStreamObserver<A> call, Source<A> source, AtomicBoolean ended) {
        try {
            while (call.isReady() && !ended.get()) {
                Optional<A> next = source.next();
                if (next.isPresent()) {
                    call.onNext(next.get());
                } else {
                    end(source, ended);
                    call.onCompleted();
                }
            }
        } catch (Exception e) {
            if (end(source, ended)) {
                call.onError(e);
            }
        }
    }

    /** True for the first who ends it. */
    private static boolean end(Source<?> source, AtomicBoolean ended) {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        try {
            source.close();
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("a source does not close", e);
        }
    }
}
