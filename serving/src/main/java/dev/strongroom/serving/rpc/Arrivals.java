package dev.strongroom.serving.rpc;

import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.Shares;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what is held of requests before they are whole: bytes of messages that have not arrived to
 * their end, and whole ones whose callers have not said that there is nothing more. Who begins many
 * large messages and finishes none is ended, and its share is the most that an identity can begin.
 *
 * <p>Thread-safe.
 */
final class Arrivals extends ServerStreamTracer.Factory implements ServerInterceptor {
    private static final Context.Key<Arrival> CURRENT = Context.key("arrival");
    private static final String NOBODY = "";
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Shares bytes;
    private final StalledCalls stalled;

    /**
     * @param bytes of all requests together that are not whole
     * @param stalled ends calls whose callers neither send nor read
     */
    Arrivals(Shares bytes, StalledCalls stalled) {
        this.bytes = bytes;
        this.stalled = stalled;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Arrival();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var watched = new WatchedCall<>(call, stalled);
        Arrival arrival = CURRENT.get();
        if (arrival == null) { // of a transport without
            return watched.listen(next.startCall(watched, headers), size -> {});
        }
        arrival.endBy(watched);
        return watched.listen(next.startCall(watched, headers), arrival::hold);
    }

    private RefusedException tooMuch() {
        return RefusedException.exhausted(
                "REQUESTS_UNFINISHED",
                "requests are on their way that have not arrived to their end, at most %d bytes of"
                                .formatted(bytes.share())
                        + " one identity; finish those, or try again later",
                RETRY_AFTER);
    }

    /** What one call holds of requests. Told by the transport's thread of this call. */
    private final class Arrival extends ServerStreamTracer {
        private String identity = NOBODY;
        private @Nullable WatchedCall<?, ?> call;
        private long held;

        @Override
        public Context filterContext(Context context) {
            return context.withValue(CURRENT, this);
        }

        @Override
        public synchronized void serverCallStarted(ServerCallInfo<?, ?> info) {
            identity =
                    Connections.peer(info.getAttributes())
                            .caller()
                            .map(caller -> caller.identity())
                            .orElse(NOBODY);
        }

        private synchronized void endBy(WatchedCall<?, ?> watched) {
            call = watched;
        }

        @Override
        public void inboundWireSize(long more) {
            take(more);
        }

        @Override
        public void inboundMessageRead(int number, long wireBytes, long uncompressedBytes) {
            hold(0);
        }

        @Override
        public void streamClosed(Status status) {
            hold(0);
        }

        /** Instead of what it held. */
        private void hold(long size) {
            giveBack();
            if (size > 0) {
                take(size);
            }
        }

        private synchronized void giveBack() {
            bytes.give(identity, held);
            held = 0;
        }

        private void take(long more) {
            WatchedCall<?, ?> over;
            synchronized (this) {
                if (bytes.take(identity, more)) {
                    held += more;
                    return;
                }
                over = call;
            }
            if (over != null) {
                over.end(tooMuch());
            }
        }
    }
}
