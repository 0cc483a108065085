package dev.strongroom.client;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.format.ModelName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to push.
 *
 * @param source a {@code .onnx} file or a folder with one and its external data
 * @param requiredLevel the push is refused when the vault's token is below it
 * @param licence SPDX expression or free text, signed into the version
 * @param provenance free text, signed into the version
 * @param resealBy launch measurements, lower-case hex, of nodes that may seal the version anew;
 *     signed into the version; empty: none may
 * @param marking whether each node's copy of the weights is to name the node
 * @param agent the owner's agent that gets the second part of the content key; empty: the key is
 *     not split. A split version cannot be sealed anew
 * @param calibration a file of what honest queries look like, sealed with the version
 * @param generation a file of {@link GenerationSettings}, sealed with the version
 */
public record PushRequest(
        ModelName model,
        Path source,
        Preparing preparing,
        TrustLevel requiredLevel,
        String licence,
        String provenance,
        List<String> resealBy,
        Marking marking,
        Optional<AgentAddress> agent,
        Optional<Path> calibration,
        Optional<Path> generation) {
    public PushRequest {
        resealBy = List.copyOf(resealBy);
    }

    /** A push whose content key T alone opens. */
    public PushRequest(
            ModelName model,
            Path source,
            Preparing preparing,
            TrustLevel requiredLevel,
            String licence,
            String provenance,
            List<String> resealBy,
            Marking marking) {
        this(
                model,
                source,
                preparing,
                requiredLevel,
                licence,
                provenance,
                resealBy,
                marking,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same with a calibration for the detector sealed beside the model. */
    public PushRequest calibratedBy(Path file) {
        return new PushRequest(
                model,
                source,
                preparing,
                requiredLevel,
                licence,
                provenance,
                resealBy,
                marking,
                agent,
                Optional.of(file),
                generation);
    }

    /** The same with settings of a decoder sealed beside the model. */
    public PushRequest generatingBy(Path file) {
        return new PushRequest(
                model,
                source,
                preparing,
                requiredLevel,
                licence,
                provenance,
                resealBy,
                marking,
                agent,
                calibration,
                Optional.of(file));
    }

    /** A push that lets no node seal anew and marks no copies. */
    public PushRequest(
            ModelName model,
            Path source,
            Preparing preparing,
            TrustLevel requiredLevel,
            String licence,
            String provenance) {
        this(model, source, preparing, requiredLevel, licence, provenance, List.of(), Marking.NONE);
    }

    /** Whether the model passes through ONNX Runtime's optimiser before it is sealed. */
    public enum Preparing {
        /** Unless it is above 2 GiB and this machine has no room for it, which the push says. */
        WHERE_THERE_IS_ROOM,
        /** The owner's files are sealed as they are. */
        NEVER
    }

    /** Whether copies of the weights can be told apart. */
    public enum Marking {
        /** Every node serves the same weights. */
        NONE,
        /** Every boot of a node serves weights with a mark of its own. */
        PER_RECIPIENT
    }

    /** A push with nothing special about it. */
    public static PushRequest of(ModelName model, Path source) {
        return new PushRequest(
                model, source, Preparing.WHERE_THERE_IS_ROOM, TrustLevel.SOFTWARE, "", "");
    }
}
