package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.crypto.format.ModelName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a push may take from a spool. */
class ModelPublisherTest {
    private static final ModelName MODEL = ModelName.parse("acme/tiny");
    private static final Digest PIN = Digest.sha256(new byte[] {1});

    @TempDir Path folder;

    @Test
    void whatWasSealedForOneRequestIsNotTakenForAnother() throws Exception {
        Path graph = Files.write(folder.resolve("model.onnx"), new byte[10]);
        var source =
                new ModelSource(folder, new ModelSource.Part("model.onnx", graph, 10), List.of());
        var keys =
                List.of(
                        key(source, request(graph, TrustLevel.SOFTWARE, "MIT", "ours"), PIN),
                        key(source, request(graph, TrustLevel.HSM, "MIT", "ours"), PIN),
                        key(source, request(graph, TrustLevel.SOFTWARE, "BSD", "ours"), PIN),
                        key(source, request(graph, TrustLevel.SOFTWARE, "MIT", "theirs"), PIN),
                        key(source, request(graph, TrustLevel.SOFTWARE, "MITo", "urs"), PIN),
                        key(
                                source,
                                request(graph, TrustLevel.SOFTWARE, "MIT", "ours"),
                                Digest.sha256()));

        assertThat(keys).doesNotHaveDuplicates();
        assertThat(key(source, request(graph, TrustLevel.SOFTWARE, "MIT", "ours"), PIN))
                .isEqualTo(keys.getFirst());
    }

    /** What was sealed before the owner's policy demanded more may be sealed to a weaker token. */
    @Test
    void whatWasSealedUnderALaxerPolicyIsNotTaken() throws Exception {
        Path graph = Files.write(folder.resolve("model.onnx"), new byte[10]);
        var source =
                new ModelSource(folder, new ModelSource.Part("model.onnx", graph, 10), List.of());
        PushRequest request = request(graph, TrustLevel.SOFTWARE, "MIT", "ours");
        assertThat(ModelPublisher.spoolKey(source, request, PIN, TrustLevel.HSM))
                .isNotEqualTo(key(source, request, PIN));
    }

    private static Digest key(ModelSource source, PushRequest request, Digest pin)
            throws Exception {
        return ModelPublisher.spoolKey(source, request, pin, request.requiredLevel());
    }

    private static PushRequest request(
            Path source, TrustLevel level, String licence, String provenance) {
        return new PushRequest(MODEL, source, Preparing.NEVER, level, licence, provenance);
    }
}
