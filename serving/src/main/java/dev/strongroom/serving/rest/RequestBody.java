package dev.strongroom.serving.rest;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/**
 * The bytes of one request, as they come in. Memory is taken from the budget before it is
 * allocated, and never more than the limit.
 *
 * <p>For the connection's event loop; after {@link #bytes} for whoever has that.
 */
final class RequestBody {
    private static final int FIRST = 8 << 10; // where nobody says how much will come

    private final BodyBudget budget;
    private final Caller caller;
    private final int limit;
    private byte[] bytes;
    private int length;
    private long taken;

    private RequestBody(BodyBudget budget, Caller caller, int limit, int capacity)
            throws RefusedException {
        budget.take(caller, capacity);
        this.caller = caller;
        this.taken = capacity;
        this.budget = budget;
        this.limit = limit;
        this.bytes = new byte[capacity];
    }

    /** Of a length that was announced. */
    static RequestBody announced(BodyBudget budget, Caller caller, int limit, long length)
            throws RefusedException {
        if (length > limit) {
            throw tooLarge(limit);
        }
        return new RequestBody(budget, caller, limit, Math.toIntExact(length));
    }

    /** That comes in chunks until it ends. */
    static RequestBody growing(BodyBudget budget, Caller caller, int limit)
            throws RefusedException {
        return new RequestBody(budget, caller, limit, Math.min(FIRST, limit));
    }

    void add(Buffer chunk) throws RefusedException {
        long needed = (long) length + chunk.length();
        if (needed > limit) {
            throw tooLarge(limit);
        }
        if (needed > bytes.length) {
            int capacity = Math.toIntExact(Math.min(limit, Math.max(needed, 2L * bytes.length)));
            budget.take(caller, capacity - bytes.length);
            taken = capacity;
            bytes = Arrays.copyOf(bytes, capacity);
        }
        chunk.getBytes(bytes, length);
        length = (int) needed;
    }

    /** The array that has them, from its beginning. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Once, when nobody reads it any more. */
    void release() {
        budget.give(caller, taken);
    }

    private static RefusedException tooLarge(int limit) {
        return new RefusedException(
                Status.Code.RESOURCE_EXHAUSTED,
                "REQUEST_TOO_LARGE",
                "the request has more than the %d bytes that this node takes; send fewer rows, or"
                                .formatted(limit)
                        + " tensors as binary data");
    }
}
