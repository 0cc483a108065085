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
import java.util.stream.Collectors;

/**
 * The witnesses of one vault: all of them are asked at the same time, and whoever does not answer
 * within seconds is missing from the checkpoint. Who is demanded is for each owner's policy to say.
 *
 * <p>For one thread at a time. The owner closes it.
 */
public final class Witnesses implements AutoCloseable {
    private static final Duration CONNECT_TIME = Duration.ofSeconds(2);

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

    /** The checkpoint with a line of each witness that gave one. */
    SignedCheckpoint cosigned(SignedCheckpoint checkpoint, MerkleTree tree) {
        List<Future<Optional<NoteSignature>>> asked =
                links.stream()
                        .filter(link -> !link.isCosigned(checkpoint))
                        .map(link -> calls.submit(() -> link.cosign(checkpoint, tree)))
                        .toList();
        SignedCheckpoint cosigned = checkpoint;
        for (Future<Optional<NoteSignature>> answer : asked) {
            Optional<NoteSignature> line = given(answer);
            if (line.isPresent()) {
                cosigned = cosigned.with(line.get());
            }
        }
        return cosigned;
    }

    /** What is wrong with those that did not cosign, for people; empty when all did. */
    String complaints() {
        return links.stream()
                .map(WitnessLink::complaint)
                .filter(complaint -> !complaint.isEmpty())
                .collect(Collectors.joining("; "));
    }

    private static Optional<NoteSignature> given(Future<Optional<NoteSignature>> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a witness failed", e.getCause());
        }
    }

    @Override
    public void close() {
        calls.shutdownNow();
        http.shutdownNow();
    }
}
