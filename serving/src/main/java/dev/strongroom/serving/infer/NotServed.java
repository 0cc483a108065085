package dev.strongroom.serving.infer;

import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says which models and versions are served here to who asked for another. */
final class NotServed {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

    private NotServed() {}

    static RefusedException refusal(ServedModels models, String name, String version) {
        if (models.away(name)) {
            return RefusedException.later(
                    "MODEL_AWAY",
                    "model '%s' is served here and not in memory now; an inference brings it there"
                            .formatted(InferenceRequest.echo(name)),
                    RETRY_AFTER);
        }
        Optional<ServedModel> inForce =
                models.inForce().stream().filter(model -> model.name().equals(name)).findFirst();
        return inForce.map(model -> version(model, version)).orElseGet(() -> name(models, name));
    }

    private static RefusedException version(ServedModel model, String version) {
        return new RefusedException(
                Status.Code.NOT_FOUND,
                "VERSION_NOT_FOUND",
                "version '%s' of model '%s' is not served here (expected: %s or none)"
                        .formatted(InferenceRequest.echo(version), model.name(), model.version()));
    }

    private static RefusedException name(ServedModels models, String name) {
        String served =
                models.inForce().stream().map(ServedModel::name).collect(Collectors.joining(", "));
        return new RefusedException(
                Status.Code.NOT_FOUND,
                "MODEL_NOT_FOUND",
                "model '%s' is not served here (expected: %s)"
                        .formatted(InferenceRequest.echo(name), served));
    }
}
