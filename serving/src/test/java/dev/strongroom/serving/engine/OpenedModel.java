package dev.strongroom.serving.engine;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.LoadedModels;
import java.nio.file.Path;
import java.util.Map;

/** A model of one file with its session, as {@code single-copy} opens it. Closing ends both. */
public record OpenedModel(LoadedModel loaded, Engine engine) implements AutoCloseable {
    /** One thread. */
    public static OpenedModel of(byte[] graph, Path scratch) throws Exception {
        LoadedModel loaded = LoadedModels.of(Map.of("model.onnx", graph));
        try {
            var options = new EngineOptions(1, new Profile.SingleCopy(), scratch);
            return new OpenedModel(loaded, Engine.open(loaded, options));
        } catch (Exception | Error e) {
            loaded.close();
            throw e;
        }
    }

    @Override
    public void close() {
        engine.close();
        loaded.close();
    }
}
