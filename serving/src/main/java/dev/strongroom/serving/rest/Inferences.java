package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.Status;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;

/**
 * Takes inferences in: the body within its limits, its JSON, and on to the path that all of them
 * take.
 *
 * <p>For the event loop.
 */
final class Inferences {
    private static final int MESSAGE_OVERHEAD_BYTES = 64 * 1024; // names and shapes round tensors
    private static final int QUICK_BYTES = 16 << 10; // read where it is; more by a worker
    private static final Duration BODY_PATIENCE = Duration.ofSeconds(60);
    private static final String TIMEOUT = "request-timeout";

    private final Vertx vertx;
    private final InferencePath path;
    private final int maxBytes;
    private final BodyBudget budget;

    Inferences(Vertx vertx, ServingLimits limits, InferencePath path) {
        this.vertx = vertx;
        this.path = path;
        this.maxBytes = limits.messageBytes();
        this.budget = new BodyBudget(limits.account());
    }

    void take(Exchange exchange, Caller caller, Route route) throws RefusedException {
        HttpServerRequest request = exchange.request();
        refuseEncodings(request);
        RequestBody body = body(caller, request);
        exchange.hold(body::release);
        deadline(exchange);
        Runnable inTime = exchange.refuseAfter(BODY_PATIENCE, tooSlow());
        request.handler(
                        chunk -> {
                            try {
                                body.add(chunk);
                            } catch (RefusedException e) {
                                exchange.refuse(e);
                            }
                        })
                .endHandler(_ -> {
                    inTime.run();
                    received(exchange, caller, route, body);
                });
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            var _ = request.response().writeContinue();
        }
        request.resume();
    }

    private RequestBody body(Caller caller, HttpServerRequest request) throws RefusedException {
        int limit = (int) Math.min(Integer.MAX_VALUE - 8, (long) maxBytes + MESSAGE_OVERHEAD_BYTES);
        String length = request.getHeader("content-length");
        return length == null
                ? RequestBody.growing(budget, caller, limit)
                : RequestBody.announced(
                        budget, caller, limit, number("content-length", length, Long.MAX_VALUE));
    }

    private void received(Exchange exchange, Caller caller, Route route, RequestBody body) {
        if (exchange.abandoned() || !exchange.enter()) {
            return;
        }
        Runnable reading =
                () -> {
                    try {
                        infer(exchange, caller, route, body);
                    } finally {
                        exchange.leave();
                    }
                };
        if (body.length() <= QUICK_BYTES) {
            reading.run();
        } else {
            var _ =
                    vertx.executeBlocking(
                            () -> {
                                reading.run();
                                return route;
                            },
                            false);
        }
    }

    private void infer(Exchange exchange, Caller caller, Route route, RequestBody body) {
        if (exchange.abandoned()) {
            return; // while it waited for a worker
        }
        try {
            path.infer(call(exchange, caller, route, body));
        } catch (RefusedException e) {
            exchange.refuse(e);
        } catch (RuntimeException | Error e) {
            exchange.refuse(RefusedException.unexpected(e));
        }
    }

    private InferenceCall call(Exchange exchange, Caller caller, Route route, RequestBody body)
            throws RefusedException {
        return switch (route.kind()) {
            case GENERATE ->
                    new RestCall(
                            exchange,
                            caller,
                            generate(route, body),
                            answer -> Reply.json(200, FlatAnswer.json(answer, maxBytes)),
                            path.unread());
            case GENERATE_STREAM ->
                    new EventCall(exchange, caller, generate(route, body), path.unread(), maxBytes);
            default -> {
                RestRequest request =
                        RequestReader.read(
                                body.bytes(),
                                body.length(),
                                jsonLength(exchange.request(), body.length()),
                                route.model(),
                                route.version(),
                                maxBytes);
                yield new RestCall(
                        exchange,
                        caller,
                        request.request(),
                        answer -> AnswerWriter.write(answer, request.forms(), maxBytes),
                        path.unread());
            }
        };
    }

    private ModelInferRequest generate(Route route, RequestBody body) throws RefusedException {
        return GenerateReader.read(
                body.bytes(), body.length(), route.model(), route.version(), path.promptTokens());
    }

    private static int jsonLength(HttpServerRequest request, int bodyLength)
            throws RefusedException {
        List<String> said = request.headers().getAll(Reply.HEADER_LENGTH);
        if (said.isEmpty()) {
            return bodyLength;
        }
        if (said.size() > 1) {
            throw RequestJson.invalid("header Inference-Header-Content-Length: given twice");
        }
        return (int) number("Inference-Header-Content-Length", said.getFirst(), bodyLength);
    }

    private static long number(String header, String text, long max) throws RefusedException {
        if (text.matches("[0-9]{1,18}") && Long.parseLong(text) <= max) {
            return Long.parseLong(text);
        }
        throw RequestJson.invalid(
                "header %s: expected a whole number%s"
                        .formatted(header, max == Long.MAX_VALUE ? "" : ", at most " + max));
    }

    private static void refuseEncodings(HttpServerRequest request) throws RefusedException {
        String encoding = request.getHeader("content-encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new RefusedException(
                    Status.Code.UNIMPLEMENTED,
                    "ENCODING_UNSUPPORTED",
                    "bodies are taken as they are, not compressed");
        }
    }

    /** Of the caller's own, in seconds; the node's limits hold besides. */
    private static void deadline(Exchange exchange) throws RefusedException {
        String seconds = exchange.request().getHeader(TIMEOUT);
        if (seconds == null) {
            return;
        }
        if (!seconds.matches("[0-9]{1,6}(\\.[0-9]{1,3})?")) {
            throw RequestJson.invalid("header Request-Timeout: expected seconds, such as 2.5");
        }
        var _ =
                exchange.refuseAfter(
                        Duration.ofMillis(Math.round(1000 * Double.parseDouble(seconds))),
                        new RefusedException(
                                Status.Code.DEADLINE_EXCEEDED,
                                "DEADLINE_EXCEEDED",
                                "the time that the request allowed is over"));
    }

    private static RefusedException tooSlow() {
        return new RefusedException(
                Status.Code.DEADLINE_EXCEEDED,
                "REQUEST_TOO_SLOW",
                "the request was not complete after %d s".formatted(BODY_PATIENCE.toSeconds()));
    }
}
