package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.AddCheckpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteSignature;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One witness, asked as C2SP tlog-witness has it. What it answers counts for its signature only. A
 * witness that did not answer is left alone for some seconds, so that one that is down does not
 * hold up every release.
 *
 * <p>Thread-safe, but one thread at a time asks.
 */
final class WitnessLink {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessLink.class);

    /** For the whole answer and everything asked again: {@link #cosign} takes no longer. */
    static final Duration ANSWER_TIME = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = SignedCheckpoint.MAX_BYTES;
    private static final int CONFLICT = 409;
    private static final int UNPROVEN = 422;

    private final WitnessEndpoint endpoint;
    private final URI url;
    private final HttpClient http;
    private final InstantSource clock;
    private volatile long cosigned;
    private volatile Instant pausedUntil = Instant.MIN;
    private volatile String complaint = "";

    WitnessLink(WitnessEndpoint endpoint, HttpClient http, InstantSource clock) {
        this.endpoint = endpoint;
        String prefix = endpoint.url().toString();
        this.url = URI.create((prefix.endsWith("/") ? prefix : prefix + "/") + "add-checkpoint");
        this.http = http;
        this.clock = clock;
    }

    /** Why the last checkpoint was not cosigned; empty when it was. */
    String complaint() {
        String why = complaint;
        return why.isEmpty() ? "" : endpoint.key().name() + " " + why;
    }

    /** This witness's line for a checkpoint; empty when it gave none. */
    Optional<NoteSignature> cosign(SignedCheckpoint checkpoint, MerkleTree tree) {
        if (clock.instant().isBefore(pausedUntil)) {
            return Optional.empty();
        }
        try {
            long end = System.nanoTime() + ANSWER_TIME.toNanos();
            HttpResponse<String> answer = ask(checkpoint, tree, cosigned, end);
            Optional<Long> known = conflict(answer);
            if (known.isPresent()
                    && known.get() != cosigned
                    && known.get() <= checkpoint.checkpoint().size()) {
                cosigned = known.get();
                answer = ask(checkpoint, tree, cosigned, end);
            }
            return read(answer, checkpoint);
        } catch (ExecutionException e) {
            return failed("does not answer");
        } catch (TimeoutException e) {
            return late();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed("was not waited for");
        }
    }

    /** The request's own timeout ends with the headers; a body may stall for ever. */
    private HttpResponse<String> ask(
            SignedCheckpoint checkpoint, MerkleTree tree, long from, long end)
            throws ExecutionException, TimeoutException, InterruptedException {
        var request =
                new AddCheckpoint(
                        from, tree.consistency(from, checkpoint.checkpoint().size()), checkpoint);
        Future<HttpResponse<String>> answer =
                http.sendAsync(
                        HttpRequest.newBuilder(url)
                                .timeout(ANSWER_TIME)
                                .POST(BodyPublishers.ofByteArray(request.encode()))
                                .build(),
                        BodyHandlers.limiting(BodyHandlers.ofString(), MAX_ANSWER_BYTES));
        try {
            return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } finally {
            answer.cancel(true);
        }
    }

    private static Optional<Long> conflict(HttpResponse<String> answer) {
        return answer.statusCode() == CONFLICT && answer.body().matches("[0-9]{1,18}\n")
                ? Optional.of(Long.parseLong(answer.body().strip()))
                : Optional.empty();
    }

    private Optional<NoteSignature> read(HttpResponse<String> answer, SignedCheckpoint checkpoint) {
        if (answer.statusCode() == CONFLICT || answer.statusCode() == UNPROVEN) {
            LOG.atError()
                    .addKeyValue("witness", endpoint.key().name())
                    .addKeyValue("status", answer.statusCode())
                    .addKeyValue("size", checkpoint.checkpoint().size())
                    .log("witness.conflict it saw another history of this log");
            return failed("saw a history that this log does not continue");
        }
        if (answer.statusCode() != 200) {
            return failed("refused with HTTP status " + answer.statusCode());
        }
        for (String line : answer.body().lines().toList()) {
            Optional<NoteSignature> own = own(line, checkpoint);
            if (own.isPresent()) {
                cosigned = checkpoint.checkpoint().size();
                complaint = "";
                return own;
            }
        }
        return failed("signed with another key than the configured one");
    }

    private Optional<NoteSignature> own(String text, SignedCheckpoint checkpoint) {
        try {
            NoteSignature line = NoteSignature.parse(text);
            return isCosigned(checkpoint.with(line)) ? Optional.of(line) : Optional.empty();
        } catch (SealedFormatException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    boolean isCosigned(SignedCheckpoint checkpoint) {
        try {
            new WitnessQuorum(1, List.of(endpoint.key())).require(checkpoint);
            return true;
        } catch (SealedFormatException e) {
            return false;
        }
    }

    /** Leaves it alone, for it was waited for long enough. */
    Optional<NoteSignature> late() {
        return failed("does not answer within " + ANSWER_TIME.toSeconds() + " seconds");
    }

    private Optional<NoteSignature> failed(String why) {
        if (!complaint.equals(why)) {
            LOG.atWarn()
                    .addKeyValue("witness", endpoint.key().name())
                    .addKeyValue("why", why)
                    .log("witness.silent");
        }
        complaint = why;
        pausedUntil = clock.instant().plus(PAUSE);
        return Optional.empty();
    }
}
