package dev.strongroom.serving.rest;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * An answer as server-sent events. What is made faster than it is read waits in the transport,
 * where whoever made it counts it; a client who reads nothing for a while loses his connection.
 *
 * <p>For the event loop.
 */
final class EventStream {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final Duration patience;
    private final Runnable stalled;
    private int unread; // events
    private long timer;
    private boolean ended;

    /**
     * @param stalled when nothing was read for so long
     */
    EventStream(Vertx vertx, HttpServerResponse response, Duration patience, Runnable stalled) {
        this.vertx = vertx;
        this.response = response;
        this.patience = patience;
        this.stalled = stalled;
    }

    /** Status and headers. */
    void begin() {
        response.setStatusCode(200)
                .setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-store");
    }

    /**
     * @param json without a line's end
     * @param gone run once, when it has left this process or never will
     */
    void event(byte[] json, Runnable gone) {
        if (ended || response.closed()) {
            gone.run();
            return;
        }
        if (unread++ == 0) {
            watch();
        }
        var event = Buffer.buffer(DATA.length + json.length + END.length);
        response.write(event.appendBytes(DATA).appendBytes(json).appendBytes(END))
                .onComplete(_ -> {
                    gone.run();
                    vertx.cancelTimer(timer);
                    if (--unread > 0) {
                        watch();
                    }
                });
    }

    /**
     * Behind the last event; what comes later is dropped.
     *
     * @param over when it was read, or the connection has ended
     */
    void end(Runnable over) {
        if (ended) {
            return;
        }
        ended = true;
        if (response.closed()) {
            over.run();
        } else {
            var _ = response.end().onComplete(_ -> over.run());
        }
    }

    private void watch() {
        timer = vertx.setTimer(patience.toMillis(), _ -> stalled.run());
    }
}
