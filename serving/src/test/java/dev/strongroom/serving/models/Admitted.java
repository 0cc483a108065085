package dev.strongroom.serving.models;

import dev.strongroom.serving.infer.Admission;
import java.util.Optional;

/** A lease without end. */
record Admitted() implements Admission {
    @Override
    public Optional<Refusal> take() {
        return Optional.empty();
    }

    @Override
    public Optional<Refusal> refusal() {
        return Optional.empty();
    }

    @Override
    public Optional<Refusal> interruption() {
        return Optional.empty();
    }
}
