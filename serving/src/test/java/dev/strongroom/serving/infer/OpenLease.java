package dev.strongroom.serving.infer;

import java.util.Optional;

/** A lease without an end. */
public record OpenLease() implements Admission {
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
