package dev.strongroom.bench.serve;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Phaser;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Keeps so many calls under way on each of some connections, the next one as soon as one has its
 * answer. The same for every side, with messages that were encoded before.
 */
public final class Load implements Calls {
    private final Connections channels;
    private final MethodDescriptor<byte[], byte[]> method;
    private final Supplier<byte[]> requests;
    private final int calls;
    private final LongSupplier processor;

    /**
     * @param channels closed with this
     * @param requests the next one, from any thread
     * @param calls under way on each connection; a streaming method has one call with so many
     *     requests under way
     * @param processor nanoseconds that the side has used
     */
    public Load(
            Connections channels,
            MethodDescriptor<byte[], byte[]> method,
            Supplier<byte[]> requests,
            int calls,
            LongSupplier processor) {
        this.channels = channels;
        this.method = method;
        this.requests = requests;
        this.calls = calls;
        this.processor = processor;
    }

    @Override
    public void warmUp(long answers) throws InterruptedException {
        var span = new Span(Long.MAX_VALUE, answers);
        span.run();
    }

    @Override
    public Sample run(Duration length) throws InterruptedException {
        return new Span(System.nanoTime() + length.toNanos(), Long.MAX_VALUE).run();
    }

    /** So many calls a second, whatever becomes of those before; of a method with one answer. */
    public Sample offer(double perSecond, Duration length) throws InterruptedException {
        var tally = new Tally(channels.size(), processor);
        return new Offer(channels, method, requests, tally).make(perSecond, length);
    }

    private final class Span {
        private final long end;
        private final long enough;
        private final Tally tally = new Tally(channels.size(), processor);
        private final Phaser open = new Phaser(1);

        Span(long end, long enough) {
            this.end = end;
            this.enough = enough;
        }

        Sample run() throws InterruptedException {
            for (int i = 0; i < channels.size(); i++) {
                if (method.getType() == MethodDescriptor.MethodType.UNARY) {
                    for (int j = 0; j < calls; j++) {
                        open.register();
                        new Unary(i).start();
                    }
                } else {
                    open.register();
                    new Streaming(i).start();
                }
            }
            open.awaitAdvanceInterruptibly(open.arrive());
            return tally.end();
        }

        private boolean over() {
            return System.nanoTime() >= end
                    || (enough != Long.MAX_VALUE && tally.answers() >= enough);
        }

        private final class Unary extends ClientCall.Listener<byte[]> {
            private final int connection;
            private long begun;

            Unary(int connection) {
                this.connection = connection;
            }

            void start() {
                ClientCall<byte[], byte[]> call =
                        channels.get(connection).newCall(method, CallOptions.DEFAULT);
                byte[] request = requests.get();
                begun = System.nanoTime();
                call.start(this, new Metadata());
                call.request(2);
                call.sendMessage(request);
                call.halfClose();
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                if (status.isOk()) {
                    tally.answered(connection, begun);
                } else {
                    tally.refused(status.getCode().name());
                }
                if (over()) {
                    open.arriveAndDeregister();
                } else {
                    start();
                }
            }
        }

        /** Answers come in the order of the requests. */
        private final class Streaming extends ClientCall.Listener<byte[]> {
            private final int connection;
            private final ClientCall<byte[], byte[]> call;
            private final ArrayDeque<Long> begun = new ArrayDeque<>();

            Streaming(int connection) {
                this.connection = connection;
                this.call = channels.get(connection).newCall(method, CallOptions.DEFAULT);
            }

            void start() {
                call.start(this, new Metadata());
                call.request(Integer.MAX_VALUE);
                synchronized (begun) {
                    for (int i = 0; i < calls; i++) {
                        send();
                    }
                }
            }

            private void send() {
                begun.addLast(System.nanoTime());
                call.sendMessage(requests.get());
            }

            @Override
            public void onMessage(byte[] answer) {
                synchronized (begun) {
                    tally.answered(connection, begun.removeFirst());
                    if (!over()) {
                        send();
                    } else if (begun.isEmpty()) {
                        call.halfClose();
                    }
                }
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                if (!status.isOk()) {
                    tally.refused(status.getCode().name());
                }
                open.arriveAndDeregister();
            }
        }
    }

    @Override
    public void close() {
        channels.close();
    }
}
