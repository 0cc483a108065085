package dev.strongroom.serving.rpc;

import com.google.protobuf.MessageLite;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.RequestSize;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.LongConsumer;

/**
 * A call of which it is known whose turn it is: the node's, to answer, or the caller's, to send or
 * to read. It can be ended at any moment and by any thread; what its service still says then is not
 * sent.
 *
 * <p>Thread-safe.
 */
final class WatchedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final StalledCalls stalled;
    private final boolean oneRequest;
    private long movedNanos = System.nanoTime();
    private long unanswered; // requests
    private boolean halfClosed;
    private boolean closed;
    private volatile boolean ended;

    WatchedCall(ServerCall<Q, A> call, StalledCalls stalled) {
        super(call);
        this.stalled = stalled;
        this.oneRequest = call.getMethodDescriptor().getType().clientSendsOneMessage();
        stalled.add(this);
    }

    /**
     * @param holds told how many bytes of requests wait here for their caller to finish
     */
    ServerCall.Listener<Q> listen(ServerCall.Listener<Q> service, LongConsumer holds) {
        return new Moving(service, holds);
    }

    /** True if it waits for its caller since before then, of the monotonic clock. */
    synchronized boolean stalledSince(long nanos) {
        if (closed || movedNanos - nanos > 0) {
            return false;
        }
        return !isReady() || (!halfClosed && (oneRequest || unanswered <= 0));
    }

    /** Ends it, unless it has ended. */
    void end(RefusedException why) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ended = true;
            Replies.close(delegate(), why);
        }
        stalled.remove(this);
    }

    @Override
    public boolean isCancelled() {
        return ended || super.isCancelled();
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!ended) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A answer) {
        if (!ended) {
            unanswered--;
            moved();
            super.sendMessage(answer);
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        synchronized (this) {
            if (ended) {
                return;
            }
            closed = true;
            super.close(status, trailers);
        }
        stalled.remove(this);
    }

    private synchronized void moved() {
        movedNanos = System.nanoTime();
    }

    private synchronized void asked() {
        unanswered++;
        moved();
    }

    private synchronized void finished() {
        halfClosed = true;
        moved();
    }

    /** Hears what the caller does. */
    private final class Moving extends SimpleForwardingServerCallListener<Q> {
        private final LongConsumer holds;

        Moving(ServerCall.Listener<Q> service, LongConsumer holds) {
            super(service);
            this.holds = holds;
        }

        @Override
        public void onMessage(Q message) {
            asked();
            if (oneRequest && message instanceof MessageLite request) {
                holds.accept(
                        request instanceof ModelInferRequest inference
                                ? RequestSize.parsed(inference)
                                : request.getSerializedSize());
            }
            super.onMessage(message);
        }

        @Override
        public void onHalfClose() {
            holds.accept(0);
            finished();
            if (!ended) {
                super.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            moved();
            super.onReady();
        }

        @Override
        public void onCancel() {
            stalled.remove(WatchedCall.this);
            super.onCancel();
        }

        @Override
        public void onComplete() {
            stalled.remove(WatchedCall.this);
            super.onComplete();
        }
    }
}
