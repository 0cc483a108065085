package dev.strongroom.serving.rest;

import dev.strongroom.serving.infer.RefusedException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer. What was taken for it is given back when the answer is on the
 * wire, or nobody is there to read it, and nobody here works for it any more.
 *
 * <p>Thread-safe.
 */
final class Exchange {
    private static final Duration LINGER = Duration.ofSeconds(1); // reading on what is not wanted
    private static final String TEE = "strongroom-tee";

    private final Vertx vertx;
    private final Context context;
    private final RestConnection connection;
    private final HttpServerRequest request;
    private final String tee;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final List<Runnable> held = new ArrayList<>(); // guards itself and what follows
    private int users = 1; // this exchange until it is over, and who works for it
    private boolean over;
    private @Nullable EventStream events;
    private volatile boolean abandoned;

    /**
     * @param tee said on every answer
     */
    Exchange(Vertx vertx, RestConnection connection, HttpServerRequest request, String tee) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.connection = connection;
        this.request = request;
        this.tee = tee;
    }

    HttpServerRequest request() {
        return request;
    }

    RestConnection connection() {
        return connection;
    }

    /** True once nobody waits for an answer: there is one, or the caller has gone. */
    boolean abandoned() {
        return abandoned;
    }

    /** Sees to it that this is run once, when all is over and nobody works for it. */
    void hold(Runnable giveBack) {
        synchronized (held) {
            if (users > 0) {
                held.add(giveBack);
                return;
            }
        }
        giveBack.run();
    }

    /**
     * What was taken for this exchange stays taken until {@link #leave}, also if it is over before.
     *
     * @return false when it was given back already
     */
    boolean enter() {
        synchronized (held) {
            if (users == 0) {
                return false;
            }
            users++;
            return true;
        }
    }

    /** Once for each {@link #enter} that said yes, by whichever thread. */
    void leave() {
        List<Runnable> all;
        synchronized (held) {
            users--;
            if (users > 0) {
                return;
            }
            all = List.copyOf(held);
            held.clear();
        }
        all.forEach(Runnable::run);
    }

    /**
     * Refuses after this time, unless there is an answer by then.
     *
     * @return calls it off
     */
    Runnable refuseAfter(Duration delay, RefusedException refusal) {
        long timer = vertx.setTimer(Math.max(1, delay.toMillis()), _ -> refuse(refusal));
        Runnable off = () -> vertx.cancelTimer(timer);
        hold(off);
        return off;
    }

    /** Of the whole answer, or of what is missing from one that has begun. */
    void refuse(RefusedException refusal) {
        synchronized (held) {
            if (events == null) {
                send(Reply.refusal(refusal));
                return;
            }
        }
        event(Json.error(refusal), () -> {});
        endEvents();
    }

    /**
     * A part of an answer, unless there is a whole one already.
     *
     * @param gone run once, when it has left this process or never will
     */
    void event(byte[] json, Runnable gone) {
        EventStream stream = events();
        if (stream == null) {
            gone.run();
        } else {
            context.runOnContext(_ -> stream.event(json, gone));
        }
    }

    /** Behind the last part. */
    void endEvents() {
        abandoned = true;
        EventStream stream = events();
        if (stream != null) {
            context.runOnContext(_ -> stream.end(this::over));
        }
    }

    /** Null when there is a whole answer. */
    private @Nullable EventStream events() {
        synchronized (held) {
            if (events == null && answered.compareAndSet(false, true)) {
                var begun =
                        new EventStream(
                                vertx, request.response(), connection.unread(), connection::close);
                events = begun;
                context.runOnContext(_ -> {
                    head();
                    begun.begin();
                });
            }
            return events;
        }
    }

    private void head() {
        HttpServerResponse response = request.response();
        response.putHeader(TEE, tee);
        if (connection.retiring()) {
            response.putHeader("connection", "close");
        }
    }

    /** The first answer counts. */
    void send(Reply reply) {
        if (answered.compareAndSet(false, true)) {
            abandoned = true;
            context.runOnContext(_ -> write(reply));
        }
    }

    private void write(Reply reply) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            over();
            return;
        }
        boolean halfRead = !request.isEnded();
        head();
        response.setStatusCode(reply.status());
        reply.headers().forEach(response::putHeader);
        if (halfRead) {
            response.putHeader("connection", "close");
        }
        long timer = vertx.setTimer(connection.unread().toMillis(), _ -> connection.close());
        hold(() -> vertx.cancelTimer(timer));
        response.end(Buffer.buffer(reply.body()))
                .onComplete(_ -> {
                    over();
                    if (halfRead) {
                        vertx.setTimer(LINGER.toMillis(), _ -> connection.close());
                    }
                });
        if (halfRead) {
            request.handler(_ -> {}).resume(); // so that a client in full flow reads the answer
        }
    }

    /** On the event loop; the answer was read, or the connection has ended. */
    void over() {
        synchronized (held) {
            if (over) {
                return;
            }
            over = true;
        }
        abandoned = true;
        leave();
        connection.end(this);
    }
}
