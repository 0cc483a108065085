package dev.strongroom.client;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TrustLevel;
import java.nio.file.Path;
import java.util.List;

/**
 * What to push.
 *
 * @param source a {@code .onnx} file or a folder with one and its external data
 * @param requiredLevel the push is refused when the vault's token is below it
 * @param licence SPDX expression or free text, signed into the version
 * @param provenance free text, signed into the version
 * @param resealBy launch measurements, lower-case hex, of nodes that may seal the version anew;
 *     signed into the version; empty: none may
 */
public record PushRequest(
        ModelName model,
        Path source,
        Preparing preparing,
        TrustLevel requiredLevel,
        String licence,
        String provenance,
        List<String> resealBy) {
    public PushRequest {
        resealBy = List.copyOf(resealBy);
    }

    /** A push that lets no node seal anew. */
    public PushRequest(
            ModelName model,
            Path source,
            Preparing preparing,
            TrustLevel requiredLevel,
            String licence,
            String provenance) {
        this(model, source, preparing, requiredLevel, licence, provenance, List.of());
    }

    /** Whether the model passes through ONNX Runtime's optimiser before it is sealed. */
    public enum Preparing {
        /** Up to {@link ModelPublisher#MAX_PREPARED_BYTES}. */
        WHEN_SMALL_ENOUGH,
        /** The owner's files are sealed as they are. */
        NEVER
    }

    /** A push with nothing special about it. */
    public static PushRequest of(ModelName model, Path source) {
        return new PushRequest(
                model, source, Preparing.WHEN_SMALL_ENOUGH, TrustLevel.SOFTWARE, "", "");
    }
}
