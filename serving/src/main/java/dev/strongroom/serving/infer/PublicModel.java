package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;

/** What callers know of a version of a model, and all that its guard goes by. Thread-safe. */
public interface PublicModel {
    /** {@code tenant/name}. */
    String name();

    /** As the vault numbered it, decimal. */
    String version();

    /** What callers give it, in its order. */
    List<TensorSignature> inputs();

    /** What callers may get of it, in its order. */
    List<TensorSignature> outputs();
}
