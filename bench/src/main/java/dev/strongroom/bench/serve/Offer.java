package dev.strongroom.bench.serve;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** So many calls a second, whatever becomes of those before; none is repeated. */
final class Offer {
    private final Connections channels;
    private final MethodDescriptor<byte[], byte[]> method;
    private final Supplier<byte[]> requests;
    private final Tally tally;
    private final Phaser open = new Phaser(1);

    Offer(
            Connections channels,
            MethodDescriptor<byte[], byte[]> method,
            Supplier<byte[]> requests,
            Tally tally) {
        this.channels = channels;
        this.method = method;
        this.requests = requests;
        this.tally = tally;
    }

    /** Returns when the last one has its answer. */
    Sample make(double perSecond, Duration length) throws InterruptedException {
        long begun = System.nanoTime();
        long count = (long) (perSecond * length.toNanos() / 1e9);
        for (long i = 0; i < count; i++) {
            waitUntil(begun + (long) (i * 1e9 / perSecond));
            open.register();
            new Call((int) (i % channels.size())).start();
        }
        open.awaitAdvanceInterruptibly(open.arrive());
        return tally.end();
    }

    private static void waitUntil(long at) {
        long left;
        while ((left = at - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    private final class Call extends ClientCall.Listener<byte[]> {
        private final int connection;
        private final long begun = System.nanoTime();

        Call(int connection) {
            this.connection = connection;
        }

        void start() {
            ClientCall<byte[], byte[]> call =
                    channels.get(connection).newCall(method, CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(2);
            call.sendMessage(requests.get());
            call.halfClose();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (status.isOk()) {
                tally.answered(connection, begun);
            } else {
                tally.refused(status.getCode().name());
            }
            open.arriveAndDeregister();
        }
    }
}
