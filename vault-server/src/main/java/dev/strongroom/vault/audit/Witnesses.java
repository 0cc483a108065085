package dev.strongroom.vault.audit;

import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteSignature;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The witnesses of one vault: all of them are asked at the same time, and whoever does not answer
 * within seconds is missing from the checkpoint. Who is demanded is for each owner's policy to say.
 *
 * <p>One thread at a time asks; what they complain of, any thread may read. The owner closes it.
 */
public final class Witnesses implements AutoCloseable {
    private static final Duration CONNECT_TIME = Duration.ofSeconds(2);
    private static final Duration ALL_TIME = WitnessLink.ANSWER_TIME.plusSeconds(1);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT_TIME)
                    .build();
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final List<WitnessLink> links;

    /**
     * @param endpoints may be empty: nobody is asked then
     */
    public Witnesses(List<WitnessEndpoint> endpoints, InstantSource clock) {
        this.links =
                endpoints.stream().map(witness -> new WitnessLink(witness, http, clock)).toList();
    }

    /** Nobody is asked. */
    public static Witnesses none() {
        return new Witnesses(List.of(), InstantSource.system());
    }

    boolean isEmpty() {
        return links.isEmpty();
    }

    /** The checkpoint with a line of each witness that gave one. */
    SignedCheckpoint cosigned(SignedCheckpoint checkpoint, MerkleTree tree) {
        long end = System.nanoTime() + ALL_TIME.toNanos();
        List<Asked> asked =
                links.stream()
                        .filter(link -> !link.isCosigned(checkpoint))
                        .map(link ->
                                new Asked(link, calls.submit(() -> link.cosign(checkpoint, tree))))
                        .toList();
        SignedCheckpoint cosigned = checkpoint;
        for (Asked one : asked) {
            Optional<NoteSignature> line = one.given(end);
            if (line.isPresent()) {
                cosigned = cosigned.with(line.get());
            }
        }
        return cosigned;
    }

    private record Asked(WitnessLink link, Future<Optional<NoteSignature>> answer) {
        /** Its line; whoever waits holds up everybody else, so never past the end. */
        Optional<NoteSignature> given(long end) {
            try {
                return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                answer.cancel(true);
                return link.late();
            } catch (InterruptedException e) {
                answer.cancel(true);
                Thread.currentThread().interrupt();
                return Optional.empty();
            } catch (ExecutionException e) {
                throw new IllegalStateException("asking a witness failed", e.getCause());
            }
        }
    }

    /** What is wrong with those that did not cosign, for people; empty when all did. */
    String complaints() {
        return links.stream()
                .map(WitnessLink::complaint)
                .filter(complaint -> !complaint.isEmpty())
                .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        calls.shutdownNow();
        http.shutdownNow();
    }
}
