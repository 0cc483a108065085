package dev.strongroom.serving.guard;

import dev.strongroom.serving.infer.ChosenGuard;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.PublicModel;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;

/**
 * The guards of a model's versions by the policies in force, which may change under running calls:
 * calls on a version that another one follows keep the guard of theirs. Thread-safe.
 */
public final class LiveGuard implements ChosenGuard {
    private volatile List<OfVersion> inForce;

    private record OfVersion(String version, Guard guard) {}

    /**
     * @param version as the model that is served has it
     */
    public LiveGuard(String version, Guard first) {
        this.inForce = List.of(new OfVersion(version, first));
    }

    /** From now on this one guards the version, and the version before keeps its guard. */
    public synchronized void follow(String version, Guard next) {
        Stream<OfVersion> other =
                inForce.stream().filter(guard -> !guard.version.equals(version)).limit(1);
        inForce = Stream.concat(Stream.of(new OfVersion(version, next)), other).toList();
    }

    /**
     * From now on nobody is answered, by no version: the owner's policy asks for what this node
     * does not do. A later one that it does ends that.
     */
    public synchronized void withhold() {
        inForce =
                inForce.stream()
                        .map(guard -> new OfVersion(guard.version, new Withheld()))
                        .toList();
    }

    @Override
    public Guard of(PublicModel model) throws RefusedException {
        for (OfVersion guard : inForce) {
            if (guard.version.equals(model.version())) {
                return guard.guard;
            }
        }
        throw new RefusedException(
                Status.Code.UNAVAILABLE,
                "VERSION_LEAVING",
                "version %s is guarded no longer; ask for the one in force"
                        .formatted(model.version()));
    }
}
