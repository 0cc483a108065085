package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Peer;
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
    private final ConnectionLimits limits;
    private final Runnable cut;
    private final Set<Exchange> underWay = new HashSet<>();
    private final long ageTimer;
    private long idleTimer;
    private boolean retiring;

    /**
     * @param cut ends it, also for a client who reads nothing
     */
    RestConnection(
            Vertx vertx,
            HttpConnection connection,
            Peer peer,
            ConnectionLimits limits,
            Runnable cut) {
        this.vertx = vertx;
        this.connection = connection;
        this.peer = peer;
        this.limits = limits;
        this.cut = cut;
        this.ageTimer = after(limits.age(), this::retire);
        this.idleTimer = after(limits.idle(), this::close);
    }

    private long after(Duration delay, Runnable step) {
        return vertx.setTimer(Math.max(1, delay.toMillis()), _ -> step.run());
    }

    Peer peer() {
        return peer;
    }

    /** Nothing of an answer is read for so long, and the connection ends. */
    Duration unread() {
        return limits.unread();
    }

    /** True once no more calls are wanted of it. */
    boolean retiring() {
        return retiring;
    }

    void begin(Exchange exchange) {
        vertx.cancelTimer(idleTimer);
        underWay.add(exchange);
    }

    void end(Exchange exchange) {
        if (underWay.remove(exchange) && underWay.isEmpty()) {
            if (retiring) {
                close();
            } else {
                idleTimer = after(limits.idle(), this::close);
            }
        }
    }

    /** Closes it when the calls under way have ended, and some time later in any case. */
    void retire() {
        retiring = true;
        if (underWay.isEmpty()) {
            close();
        } else {
            after(limits.grace(), this::close);
        }
    }

    void close() {
        var _ = connection.close(); // when all is written, which may be never
        cut.run();
    }

    /** It has ended, and with it the calls under way. */
    void closed() {
        vertx.cancelTimer(ageTimer);
        vertx.cancelTimer(idleTimer);
        Set.copyOf(underWay).forEach(Exchange::over);
    }
}
