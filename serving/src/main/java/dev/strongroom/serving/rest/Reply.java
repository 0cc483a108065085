package dev.strongroom.serving.rest;

import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * An answer over HTTP.
 *
 * @param headers lower case
 */
record Reply(int status, Map<String, String> headers, byte[] body) {
    private static final String JSON = "application/json";
    static final String REASON = "strongroom-reason";
    static final String PUZZLE = "strongroom-puzzle";
    static final String HEADER_LENGTH = "inference-header-content-length";

    static Reply json(int status, byte[] body) {
        return new Reply(status, Map.of("content-type", JSON), body);
    }

    /**
     * JSON with tensors behind it.
     *
     * @param jsonBytes where they begin
     */
    static Reply binary(int jsonBytes, byte[] body) {
        return new Reply(
                200,
                Map.of(
                        "content-type",
                        "application/octet-stream",
                        HEADER_LENGTH,
                        Integer.toString(jsonBytes)),
                body);
    }

    static Reply refusal(RefusedException refusal) {
        var headers = new HashMap<String, String>();
        headers.put("content-type", JSON);
        headers.put(REASON, refusal.reason());
        refusal.puzzle().ifPresent(text -> headers.put(PUZZLE, text));
        refusal.retryAfter().ifPresent(delay -> headers.put("retry-after", seconds(delay)));
        return new Reply(status(refusal), headers, Json.error(refusal));
    }

    /** Never zero, so that nobody who obeys comes back at once. */
    private static String seconds(Duration delay) {
        return Long.toString(Math.max(1, delay.plusMillis(999).toSeconds()));
    }

    private static int status(RefusedException refusal) {
        return switch (refusal.reason()) {
            case "METHOD_NOT_ALLOWED" -> 405;
            case "REQUEST_TOO_SLOW" -> 408;
            case "REQUEST_TOO_LARGE" -> 413;
            case "ENCODING_UNSUPPORTED" -> 415;
            case "PUZZLE_DUE" -> 428;
            default ->
                    switch (refusal.code()) {
                        case OK -> 200;
                        case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION -> 400;
                        case UNAUTHENTICATED -> 401;
                        case PERMISSION_DENIED -> 403;
                        case NOT_FOUND -> 404;
                        case ALREADY_EXISTS, ABORTED -> 409;
                        case RESOURCE_EXHAUSTED -> 429;
                        case CANCELLED -> 499;
                        case UNIMPLEMENTED -> 501;
                        case UNAVAILABLE -> 503;
                        case DEADLINE_EXCEEDED -> 504;
                        case INTERNAL, UNKNOWN, DATA_LOSS -> 500;
                    };
        };
    }
}
