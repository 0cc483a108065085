package dev.strongroom.serving.infer;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.strongroom.crypto.puzzle.Solution;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that this node does not serve: the one way from a refusal to a gRPC status. The message
 * names inputs, expectations and sizes, never values.
 */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(RefusedException.class);
    private static final String DOMAIN = "strongroom";

    private final Status.Code code;
    private final String reason;
    private final transient Optional<Duration> retryAfter;
    private final transient Optional<String> puzzle;

    /**
     * @param reason stable, upper case
     * @param message what, expected, got, what to do
     */
    public RefusedException(Status.Code code, String reason, String message) {
        this(code, reason, message, Optional.empty(), Optional.empty());
    }

    private RefusedException(
            Status.Code code,
            String reason,
            String message,
            Optional<Duration> retryAfter,
            Optional<String> puzzle) {
        // Refusals are ordinary answers: nobody reads their stack, and overload makes many.
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.retryAfter = retryAfter;
        this.puzzle = puzzle;
    }

    public static RefusedException invalid(String reason, String message) {
        return new RefusedException(Status.Code.INVALID_ARGUMENT, reason, message);
    }

    /**
     * More is asked than there is room for.
     *
     * @param retryAfter when to try again
     */
    public static RefusedException exhausted(String reason, String message, Duration retryAfter) {
        return exhausted(reason, message, Optional.of(retryAfter));
    }

    /**
     * More is asked than there is room for.
     *
     * @param retryAfter when to try again, where that helps
     */
    public static RefusedException exhausted(
            String reason, String message, Optional<Duration> retryAfter) {
        return new RefusedException(
                Status.Code.RESOURCE_EXHAUSTED, reason, message, retryAfter, Optional.empty());
    }

    /** This node takes no more. */
    public static RefusedException draining() {
        return new RefusedException(
                Status.Code.UNAVAILABLE, "DRAINING", "this node stops; try another one");
    }

    /**
     * What is asked for is not there yet.
     *
     * @param retryAfter when to try again
     */
    public static RefusedException later(String reason, String message, Duration retryAfter) {
        return new RefusedException(
                Status.Code.UNAVAILABLE,
                reason,
                message,
                Optional.of(retryAfter),
                Optional.empty());
    }

    /**
     * The question is answered with a solution of this puzzle beside it.
     *
     * @param text of the puzzle
     */
    public static RefusedException puzzleDue(String message, String text) {
        return new RefusedException(
                Status.Code.FAILED_PRECONDITION,
                "PUZZLE_DUE",
                message,
                Optional.empty(),
                Optional.of(text));
    }

    /** The caller gets a reference; what happened stays in this node's log. */
    public static RefusedException unexpected(Throwable bug) {
        String reference = UUID.randomUUID().toString();
        LOG.error("rpc.failed reference={}", reference, bug);
        return new RefusedException(
                Status.Code.INTERNAL,
                "INTERNAL",
                "this node failed; its log has more under reference " + reference);
    }

    public Status.Code code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    /** When to try again, if that helps. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** What is to be solved first, if that is all that is missing. */
    public Optional<String> puzzle() {
        return puzzle;
    }

    /** The status with {@code google.rpc.ErrorInfo}, and RetryInfo if that helps, as details. */
    public StatusRuntimeException status() {
        var info = ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN);
        puzzle.ifPresent(text -> info.putMetadata(Solution.PARAMETER, text));
        var status =
                com.google.rpc.Status.newBuilder()
                        .setCode(code.value())
                        .setMessage(String.valueOf(getMessage()))
                        .addDetails(Any.pack(info.build()));
        retryAfter.ifPresent(delay -> status.addDetails(Any.pack(retryInfo(delay))));
        return StatusProto.toStatusRuntimeException(status.build());
    }

    private static RetryInfo retryInfo(Duration delay) {
        return RetryInfo.newBuilder()
                .setRetryDelay(
                        com.google.protobuf.Duration.newBuilder()
                                .setSeconds(delay.toSeconds())
                                .setNanos(delay.toNanosPart()))
                .build();
    }
}
