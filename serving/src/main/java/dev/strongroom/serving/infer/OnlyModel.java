package dev.strongroom.serving.infer;

import java.util.List;
import java.util.Optional;

/** A model that is never exchanged. */
record OnlyModel(ServedModel model) implements ServedModels, ServedModels.Hold {
    @Override
    public Optional<Hold> hold(String name, String version) {
        boolean meant =
                name.equals(model.name()) && (version.isEmpty() || version.equals(model.version()));
        return meant ? Optional.of(this) : Optional.empty();
    }

    @Override
    public List<ServedModel> inForce() {
        return List.of(model);
    }

    /** Its owner closes the model. */
    @Override
    public void close() {}
}
