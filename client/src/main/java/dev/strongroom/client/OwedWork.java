package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The work that a node asks for before it answers a question, done on the calling thread and within
 * bounds: a node that asks for more is refused.
 *
 * @param puzzle of the node's
 */
record OwedWork(Puzzle puzzle) {
    private static final Duration LONGEST = Duration.ofSeconds(110); // nodes wait for two minutes
    private static final long MOST_KIB = 256L << 20; // some minutes of a core

    /** What a refusal asks for; empty when it is about something else. */
    static Optional<OwedWork> in(StatusRuntimeException refusal) throws ClientException {
        Optional<String> text = RemoteReason.detail(refusal, Solution.PARAMETER);
        return text.isEmpty() ? Optional.empty() : Optional.of(new OwedWork(parsed(text.get())));
    }

    private static Puzzle parsed(String text) throws ClientException {
        try {
            return Puzzle.parse(text);
        } catch (MalformedEncodingException e) {
            throw ClientException.local(
                    "the node asks for work that this client does not know: " + e.getMessage(),
                    "use a client of the node's version");
        }
    }

    /**
     * The request with a solution.
     *
     * @param question digest of what is asked
     */
    ModelInferRequest done(ModelInferRequest request, Digest question, InstantSource clock)
            throws ClientException {
        requireBounded();
        Instant end = clock.instant().plus(LONGEST);
        OptionalLong number = puzzle.solve(question, () -> clock.instant().isBefore(end));
        if (number.isEmpty()) {
            throw tooMuch();
        }
        String solution = new Solution(puzzle, number.getAsLong()).text();
        return request.toBuilder()
                .putParameters(
                        Solution.PARAMETER,
                        InferParameter.newBuilder().setStringParam(solution).build())
                .build();
    }

    private void requireBounded() throws ClientException {
        long ofOne = (long) puzzle.memoryKib() * puzzle.passes();
        if (puzzle.work() > MOST_KIB / ofOne) {
            throw tooMuch();
        }
    }

    private ClientException tooMuch() {
        return ClientException.local(
                "the node asks for %d hashes of %d KiB for this question, which is more than this client does"
                        .formatted(puzzle.work(), puzzle.memoryKib()),
                "ask for fewer rows at once, or appeal to the model's owner");
    }
}
