package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.Lifetime;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.access.Peer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * One connection: who is at its other end, and how long it lasts. Idle is a connection without a
 * call under way, however busily its client sends the beginning of one.
 *
 * <p>For the event loop.
 */
final class RestConnection {
    private final Vertx vertx;
    private final HttpConnection connection;
    private final Peer peer;
    private final LiveLimits limits;
    private final Runnable cut;
    private final Set<Exchange> underWay = new HashSet<>();
    private final Lifetime lifetime;
    private boolean retiring;

    /**
     * @param cut ends it, also for a client who reads nothing
     */
    RestConnection(
            Vertx vertx, HttpConnection connection, Peer peer, LiveLimits limits, Runnable cut) {
        this.vertx = vertx;
        this.connection = connection;
        this.peer = peer;
        this.limits = limits;
        this.cut = cut;
        this.lifetime =
                Lifetime.begin(limits, new Timers(vertx.getOrCreateContext()), this::retire);
        peer.caller().ifPresent(caller -> lifetime.of(caller.tenant()));
    }

    private record Timers(Context loop) implements Lifetime.Loop {
        @Override
        public void execute(Runnable step) {
            loop.runOnContext(_ -> step.run());
        }

        @Override
        public Runnable after(Duration delay, Runnable step) {
            Vertx vertx = loop.owner();
            long timer = vertx.setTimer(Math.max(1, delay.toMillis()), _ -> step.run());
            return () -> vertx.cancelTimer(timer);
        }
    }

    Peer peer() {
        return peer;
    }

    /** Nothing of an answer is read for so long, and the connection ends. */
    Duration unread() {
        return limits.now().unread();
    }

    /** True once no more calls are wanted of it. */
    boolean retiring() {
        return retiring;
    }

    void begin(Exchange exchange) {
        underWay.add(exchange);
        lifetime.calls(underWay.size());
    }

    void end(Exchange exchange) {
        if (underWay.remove(exchange)) {
            lifetime.calls(underWay.size());
            if (underWay.isEmpty() && retiring) {
                close();
            }
        }
    }

    /** Closes it when the calls under way have ended, and some time later in any case. */
    void retire() {
        retire(limits.now().grace());
    }

    /** Closes it when the calls under way have ended, and so long from now in any case. */
    void retire(Duration grace) {
        retiring = true;
        if (underWay.isEmpty()) {
            close();
        } else {
            vertx.setTimer(Math.max(1, grace.toMillis()), _ -> close());
        }
    }

    void close() {
        var _ = connection.close(); // when all is written, which may be never
        cut.run();
    }

    /** It has ended, and with it the calls under way. */
    void closed() {
        lifetime.end();
        Set.copyOf(underWay).forEach(Exchange::over);
    }
}
